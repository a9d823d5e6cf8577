using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;

namespace CMUNeXt.Tests.Engine.Inference;

public sealed class ProfileTests
{
    private const int Size = 64;

    [Fact]
    public void Every_step_has_its_time_and_what_its_layers_cost()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        IReadOnlyList<Layer> layers = description.Configuration!.Layers(3, 1);
        using ManagedNetwork network = new(description, Initialization.Create(layers, 1), threads: 2);
        IReadOnlyList<(string Name, double Milliseconds, long MultiplyAdds, long Bytes)> profile = network.Profile(
            Formula.Input(1, 3 * Size * Size), Size, Size, TimeSpan.FromMilliseconds(1));
        Assert.Equal(
            [
                "stem", .. Enumerable.Range(1, 5).SelectMany(i => new[] { $"encoder{i}.block.0", $"encoder{i}.up" }),
                "Up5", "Up_conv5", "Up4", "Up_conv4", "Up3", "Up_conv3", "Up2", "Up_conv2",
            ],
            profile.Select(step => step.Name));
        Assert.All(profile, step => Assert.True(double.IsFinite(step.Milliseconds) && step.Milliseconds > 0));

        long Macs(string prefix, int kernel) =>
            layers.Where(layer => layer.Name.StartsWith(prefix + ".", StringComparison.Ordinal) && layer.Kernel == kernel)
            .Sum(layer => layer.Macs(Size, Size));
        (string Name, double Milliseconds, long MultiplyAdds, long Bytes) Step(string name) => profile.Single(step => step.Name == name);

        // A block as it is; a 3x3 convolution by Winograd with a quarter of the products, and one before upsampling with 7 of 36: for a
        // quarter of the pixels, three for the kernel's middle row, and for each three rows of the image twelve for both others.
        Assert.Equal(Macs("encoder3.block.0", 7) + Macs("encoder3.block.0", 1), Step("encoder3.block.0").MultiplyAdds);
        Assert.Equal(Macs("encoder2.up", 3) / 4, Step("encoder2.up").MultiplyAdds);
        Assert.Equal(Macs("Up4", 3) * 7 / 36, Step("Up4").MultiplyAdds);
        Assert.Equal((Macs("Up_conv4.conv", 3) / 4) + Macs("Up_conv4.conv", 1), Step("Up_conv4").MultiplyAdds);

        // Sixteen channels of a quarter of the pixels in and out, and their weights.
        Assert.Equal(4 * ((2 * 8 * Size * Size / 4) + (8 * 32 * 2)), Step("encoder2.block.0").Bytes);
    }

    [Fact]
    public void What_the_machine_can_do_is_measured()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using ManagedNetwork network = new(
            description, description.Configuration!.StartingWeights(3, 1, 1), threads: 1, InstructionSet.Vector128);
        Assert.Equal(InstructionSet.Vector128, network.Instructions);
        (double multiplyAdds, double bytes) = network.MeasureMachine();
        Assert.True(double.IsFinite(multiplyAdds) && multiplyAdds > 0);
        Assert.True(double.IsFinite(bytes) && bytes > 0);
    }

    [Fact]
    public void A_size_that_would_be_padded_is_refused()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using ManagedNetwork network = new(
            description, description.Configuration!.StartingWeights(3, 1, 1), threads: 1);
        Assert.Throws<ArgumentException>(() => network.Profile(new float[3 * 20 * 16], 20, 16, TimeSpan.Zero));
    }
}
