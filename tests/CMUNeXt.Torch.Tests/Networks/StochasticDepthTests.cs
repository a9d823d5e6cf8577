using CMUNeXt.Torch.Networks;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Tests.Networks;

public class StochasticDepthTests
{
    [Fact]
    public void While_training_the_branch_of_a_image_is_left_out_as_a_whole_and_the_mean_stays()
    {
        manual_seed(3);
        using IDisposable scope = NewDisposeScope();
        Tensor kept = StochasticDepth.Apply(ones(20_000, 2, 3), 0.2, training: true);
        float[] values = kept.data<float>().ToArray();
        Assert.All(values.Chunk(6), image => Assert.All(image, value => Assert.Equal(image[0], value)));
        Assert.Equal([0, 1.25f], values.Distinct().Order());
        Assert.Equal(1, values.Average(), 0.01);
    }

    [Fact]
    public void Few_images_are_left_out_as_often()
    {
        manual_seed(3);
        using IDisposable scope = NewDisposeScope();
        double mean = Enumerable.Range(0, 5000).Average(_ => StochasticDepth.Apply(ones(2, 1), 0.2, training: true).mean().item<float>());
        Assert.Equal(1, mean, 0.02);
    }

    [Theory]
    [InlineData(0.2, false)]
    [InlineData(0, true)]
    public void Otherwise_nothing_is_left_out(double rate, bool training)
    {
        using Tensor branch = ones(100, 2);
        Assert.Same(branch, StochasticDepth.Apply(branch, rate, training));
    }
}
