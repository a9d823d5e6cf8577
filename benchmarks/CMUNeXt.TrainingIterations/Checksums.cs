using System.Runtime.InteropServices;
using System.Security.Cryptography;
using CMUNeXt.Backends;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;

namespace CMUNeXt.TrainingIterations;

/// <summary>
/// The bits of the managed engine, so that two states of it can be compared: SHA-256, the first 16 digits, of logits and of the weights
/// after training iterations, on the widest instruction set that the process may use.
/// </summary>
internal static class Checksums
{
    private const int Images = 8;
    private const int Side = 64;

    public static void Print(string model)
    {
        NetworkDescription network = NetworkCatalog.Describe(model);
        Console.WriteLine($"{model}, {ManagedNetwork.WidestInstructions}: logits {OfLogits(network)}, {OfTraining(network)}");
    }

    private static string OfLogits(NetworkDescription network)
    {
        IReadOnlyList<Layer> layers = network.Configuration!.Layers(network.Channels, network.Outputs);
        StateDict weights = new(ExpectedTensor.Of(layers).Select((tensor, place) =>
            tensor.Type == ElementType.Int64
                ? new WeightTensor(tensor.Name, tensor.Type, tensor.Shape, new byte[sizeof(long)])
                : new WeightTensor(tensor.Name, tensor.Shape, Formula.Fill(tensor.Name, tensor.Shape, place))));
        using ManagedNetwork opened = new(network, weights);
        List<float> logits = [];
        foreach ((int batch, int height, int width) in ((int, int, int)[])[(1, 256, 256), (2, 96, 160), (1, 50, 71)])
        {
            logits.AddRange(opened.Forward(Formula.Input(1, 3L * batch * height * width), batch, height, width));
        }

        return Sum([.. logits]);
    }

    // Blocks to find in noise.
    private static string OfTraining(NetworkDescription network)
    {
        byte[] target = [.. Enumerable.Range(0, Images * Side * Side).Select(i => (byte)(((i / 32) + (i / Side / 32)) & 1))];
        float[] input = Formula.Input(2, 3L * target.Length);
        for (int i = 0; i < input.Length; i++)
        {
            input[i] += target[(i / (3 * Side * Side) * Side * Side) + (i % (Side * Side))];
        }

        Batch batch = new(Images, Side, Side, input, target);
        using ManagedTrainable training = new(network, new TrainableSettings { Seed = 41 });
        training.Iterate(batch, 0.01);
        string first = SumOf(training);
        for (int i = 2; i <= 20; i++)
        {
            training.Iterate(batch, 0.01);
        }

        return $"weights after 1 iteration {first}, after 20 {SumOf(training)}";
    }

    private static string SumOf(ManagedTrainable training) => Sum(
        [.. training.CopyWeights().Where(tensor => tensor.Type == ElementType.Float32).SelectMany(tensor => tensor.ToSingles())]);

    private static string Sum(float[] values) => Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())))[..16];
}
