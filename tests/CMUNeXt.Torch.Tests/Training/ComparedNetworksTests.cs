using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Torch.Training;

namespace CMUNeXt.Torch.Tests.Training;

/// <summary>The networks of the comparison learn, and go on from a checkpoint to the last bit.</summary>
[Collection(Alone.Name)]
public sealed class ComparedNetworksTests
{
    private const int Side = 64;

    [Theory]
    [InlineData("unext-s")]
    [InlineData("unetpp")]
    [InlineData("mobileuvit")]
    public void A_run_that_goes_on_from_a_copy_makes_the_same_steps_as_one_that_never_stopped(string name)
    {
        NetworkDescription description = NetworkCatalog.Describe(name);
        TrainableSettings settings = new();
        Batch[] batches = [MakeBatch(1), MakeBatch(2), MakeBatch(3)];
        double Step(TorchTrainable network, int step)
        {
            network.Seed(settings.Seed, step);
            return network.Iterate(batches[step], 0.01).Loss;
        }

        StateDict weights;
        StateDict memory;
        double loss;
        StateDict expected;
        using (TorchTrainable network = new(description, settings, threads: 1))
        {
            Step(network, 0);
            Step(network, 1);
            weights = network.CopyWeights();
            memory = network.CopyOptimizer();
            loss = Step(network, 2);
            expected = network.CopyWeights();
        }

        using TorchTrainable other = new(description, settings, threads: 1);
        other.Restore(weights, memory);
        Assert.Equal(loss, Step(other, 2));
        TinyNetwork.AssertEqual(expected, other.CopyWeights());
    }

    [Theory]
    [InlineData("unet")]
    [InlineData("attention-unet")]
    [InlineData("unetpp")]
    [InlineData("unet3plus")]
    [InlineData("unext")]
    [InlineData("unext-s")]
    [InlineData("cmunet")]
    [InlineData("mobileuvit")]
    [InlineData("mobileuvit-l")]
    public void The_loss_of_a_batch_falls(string name)
    {
        using TorchTrainable network = new(NetworkCatalog.Describe(name), new TrainableSettings());
        Batch batch = MakeBatch(1);
        double first = network.Iterate(batch, 0.01).Loss;
        double last = first;
        for (int i = 0; i < 4; i++)
        {
            last = network.Iterate(batch, 0.01).Loss;
        }

        Assert.InRange(last, 0, 0.95 * first);
    }

    // Bright squares on noise.
    private static Batch MakeBatch(int key)
    {
        float[] noise = Formula.Input(key, 2 * 3 * Side * Side);
        byte[] target =
        [
            .. Enumerable.Range(0, 2 * Side * Side).Select(i => (i % Side / 16 + (i / Side / 16) + key) % 3 == 0 ? (byte)1 : (byte)0),
        ];
        for (int i = 0; i < noise.Length; i++)
        {
            (int image, int pixel) = (i / (3 * Side * Side), i % (Side * Side));
            noise[i] = (0.3f * noise[i]) + target[(image * Side * Side) + pixel];
        }

        return new Batch(2, Side, Side, noise, target);
    }
}
