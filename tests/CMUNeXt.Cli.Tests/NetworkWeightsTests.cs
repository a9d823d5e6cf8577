using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests;

public sealed class NetworkWeightsTests
{
    [Fact]
    public void The_backend_is_this_programs_own_where_it_computes_the_network_and_else_torch()
    {
        NetworkDescription small = NetworkCatalog.Describe("cmunext-s");
        NetworkDescription ablated = small with { Configuration = small.Configuration! with { Fusion = FusionBlock.Plain } };
        Assert.Equal("managed", BackendOf(small, Fresh(small)));
        Assert.Equal("torch", BackendOf(ablated, Fresh(ablated)));
        NetworkDescription unext = NetworkCatalog.Describe("unext-s");
        Assert.Equal("torch", BackendOf(unext, Fresh(unext)));
        Assert.Throws<BackendException>(() => BackendRegistry.Open(Fresh(unext), "managed", 1, "cpu"));
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_the_files_fault()
    {
        NetworkDescription unext = NetworkCatalog.Describe("unext-s");
        LoadedWeights whole = Fresh(unext);
        WeightTensor[] changed = [.. whole.State.Select(tensor =>
            tensor.Name == "norm4.weight" ? new WeightTensor(tensor.Name, [64, 2], new float[128]) : tensor)];
        LoadedWeights damaged = Saved(new StateDict(changed));
        BadFileException e = Assert.Throws<BadFileException>(() => BackendRegistry.Open(damaged, threads: 1));
        Assert.StartsWith($"{damaged.Path}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("norm4.weight has the shape [64, 2]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_only_the_opening_needed_is_given_back()
    {
        WeakReference? content = null;
        int[] kept = NetworkWeights.GiveBackAfter(() =>
        {
            byte[] read = new byte[20_000_000];
            content = new WeakReference(read);
            return (int[])[read.Length];
        });
        Assert.False(content!.IsAlive);
        Assert.Equal([20_000_000], kept);
    }

    private static string BackendOf(NetworkDescription network, LoadedWeights weights)
    {
        Assert.Equal(network, NetworkWeights.Describe(weights, null));
        using Network opened = BackendRegistry.Open(weights, threads: 1);
        return opened.Backend;
    }

    private static LoadedWeights Fresh(NetworkDescription network)
    {
        using ITrainable trainable = BackendRegistry.ForTraining(network, name: "torch")
            .OpenForTraining(network, new TrainableSettings(), threads: 1);
        return Saved(trainable.CopyWeights());
    }

    private static LoadedWeights Saved(StateDict state)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("w.pth");
        WeightsFile.Save(path, state);
        return WeightsFile.Load(path);
    }
}
