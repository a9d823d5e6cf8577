using CMUNeXt.Backends;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Tests.Training;

[Collection(Alone.Name)]
public sealed class TrainingMemoryTests
{
    [Theory]
    [InlineData(OptimizerKind.Sgd, 1)]
    [InlineData(OptimizerKind.AdamW, 3)]
    public void The_number_of_tensors_does_not_grow_with_the_steps(OptimizerKind optimizer, int outputs)
    {
        using ITrainable network = TinyNetwork.Create("torch", new TrainableSettings { Optimizer = optimizer }, outputs);
        Batch batch = TinyNetwork.Batch(2, Math.Max(outputs, 2), 1);
        void Work(int steps)
        {
            for (int i = 0; i < steps; i++)
            {
                network.Iterate(batch, 0.01);
                network.Evaluate(batch);
            }

            network.Restore(network.CopyWeights(), network.CopyOptimizer());
        }

        // What earlier tests left to the garbage collector would be counted when it goes.
        Work(2);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
        Work(100);
        Assert.Equal(before, Tensor.TotalCount);
    }
}
