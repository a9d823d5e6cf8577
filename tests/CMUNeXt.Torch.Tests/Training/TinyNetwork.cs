using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Torch.Training;

namespace CMUNeXt.Torch.Tests.Training;

/// <summary>A CMUNeXt of a few thousand parameters, and images of 32 x 32 whose classes can be seen in their brightness.</summary>
internal static class TinyNetwork
{
    private static readonly CMUNeXtConfiguration Configuration = new([4, 4, 8, 8, 8], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]);

    /// <summary>The same starting weights each time.</summary>
    public static ITrainable Create(string backend, TrainableSettings settings, int outputs = 1)
    {
        NetworkDescription description = new() { Name = "cmunext", Channels = 1, Outputs = outputs, Configuration = Configuration };
        ITrainable network = backend == "managed"
            ? new ManagedTrainable(description, settings, threads: 1)
            : new TorchTrainable(description, settings, threads: 1);
        network.Restore(Weights(outputs), null);
        return network;
    }

    public static StateDict Weights(int outputs = 1) => Configuration.StartingWeights(1, outputs, 41);

    /// <summary>A batch of blocks of 8 x 8 pixels, each of one class.</summary>
    public static Batch Batch(int count, int classes, int key)
    {
        float[] noise = CMUNeXt.Tests.Formula.Input(key, count * 32 * 32);
        byte[] target =
        [
            .. Enumerable.Range(0, noise.Length).Select(i => (byte)(((i / 8 % 4) + (i / 256 % 4) + (i / 1024) + key) % classes)),
        ];
        return new Batch(count, 32, 32, [.. noise.Zip(target, (value, label) => label - (classes / 2f) + (0.2f * value))], target);
    }

    /// <summary>The same where nothing is known of every fifth pixel.</summary>
    public static Batch WithIgnored(Batch batch)
    {
        bool[] ignored = [.. Enumerable.Range(0, batch.Target.Length).Select(static i => i % 5 == 0)];
        Batch some = batch with { Target = [.. batch.Target.Select((label, i) => ignored[i] ? (byte)0 : label)], Ignored = ignored };
        float[]? teacher = batch.TeacherLogits?.ToArray();
        some.Settle(teacher, (teacher?.Length ?? 0) / batch.Target.Length);
        return some with { TeacherLogits = teacher };
    }

    public static void AssertEqual(StateDict expected, StateDict actual)
    {
        Assert.Equal(expected.Select(tensor => tensor.Name), actual.Select(tensor => tensor.Name));
        Assert.All(expected,
            tensor => Assert.True(tensor.Data.Span.SequenceEqual(actual[tensor.Name].Data.Span), $"{tensor.Name} differs"));
    }
}
