using CMUNeXt.Engine.Inference;
using CMUNeXt.Networks;

namespace CMUNeXt.Tests.Engine.Inference;

/// <summary>What is counted here is the whole process's, so these tests run with no others beside them.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    [Theory]
    [InlineData(1, 64, 80)]
    [InlineData(2, 64, 80)]
    [InlineData(2, 50, 71)]
    public void A_call_allocates_nothing_once_the_size_is_known(int threads, int height, int width)
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using ManagedNetwork network = new(description, SampleNetwork.Weights(description), threads);
        float[] input = Formula.Input(3, 2 * 3 * height * width);
        float[] logits = new float[2 * height * width];
        float[] expected = network.Forward(input, 2, height, width);
        for (int i = 0; i < 20; i++)
        {
            network.Forward(input, 2, height, width, logits);
        }

        // Of all threads of the process, of which the runtime has some of its own: the quietest of many calls counts.
        long least = long.MaxValue;
        for (int i = 0; i < 200 && least > 0; i++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            long own = GC.GetAllocatedBytesForCurrentThread();
            network.Forward(input, 2, height, width, logits);
            own = GC.GetAllocatedBytesForCurrentThread() - own;
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
            Assert.Equal(0, own);
        }

        Assert.Equal(0, least);
        Assert.Equal(expected, logits);
    }
}
