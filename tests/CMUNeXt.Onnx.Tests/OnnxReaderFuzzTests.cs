using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Onnx.Tests;

/// <summary>
/// A valid model with bytes flipped, cut, repeated and replaced: each is read, or refused by a BadFileException, within a bound of
/// memory.
/// </summary>
public class OnnxReaderFuzzTests
{
    private const int OrdinaryCount = 20_000;
    private const long MaximumAllocation = 8 << 20;

    [Fact]
    public void Mutated_models_are_read_or_refused_within_bounds()
    {
        NetworkDescription network = SmallNetwork.Describe() with
        {
            Configuration = new([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]),
        };
        byte[] valid = SmallNetwork.Write(network, new OnnxExportOptions());
        int count = Fuzz.Count(OrdinaryCount);
        int refused = 0;
        for (int number = 0; number < count; number++)
        {
            byte[] content = Fuzz.Mutate(valid, new Random(number));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                LoadedWeights loaded = OnnxFile.Read("w.onnx", content);
                Assert.Null(NetworkCatalog.FindShapeMismatch(
                    ExpectedTensor.Of(CMUNeXtLayers.Of(
                        loaded.Metadata!.Network.Configuration!, loaded.Metadata.Network.Channels, loaded.Metadata.Network.Outputs)),
                    loaded.State));
            }
            catch (BadFileException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"mutation {number}: {e}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaximumAllocation);
        }

        // Neither branch is idle: most mutations break something, and some only change a weight.
        Assert.InRange(refused, count / 4, count - 1);
    }
}
