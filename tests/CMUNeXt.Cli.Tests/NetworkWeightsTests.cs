using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Torch.Training;
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
        Assert.Throws<BackendException>(() => NetworkWeights.Open(unext, Fresh(unext), "managed", 1, "cpu"));
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_the_files_fault()
    {
        NetworkDescription unext = NetworkCatalog.Describe("unext-s");
        LoadedWeights whole = Fresh(unext);
        WeightTensor[] changed = [.. whole.State.Select(tensor =>
            tensor.Name == "norm4.weight" ? new WeightTensor(tensor.Name, [64, 2], new float[128]) : tensor)];
        LoadedWeights damaged = Saved(new StateDict(changed));
        BadFileException e = Assert.Throws<BadFileException>(() => NetworkWeights.Open(NetworkWeights.Describe(damaged, null), damaged, null, 1, "cpu"));
        Assert.StartsWith($"{damaged.Path}: ", e.Message, StringComparison.Ordinal);
        Assert.Contains("norm4.weight has the shape [64, 2]", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_head_is_new_where_the_classes_differ_and_all_else_is_kept()
    {
        StateDict given = new([
            new("a", [2], [1f, 2f]), new("logit1.weight", [1, 2, 1, 1], [3f, 4f]), new("logit4.bias", [1], [5f]), new("logit2.bias", [2], [6f, 7f])]);
        StateDict initial = new([
            new("a", [2], [0f, 0f]), new("logit1.weight", [2, 2, 1, 1], [0f, 1f, 2f, 3f]), new("logit4.bias", [2], [8f, 9f]), new("logit2.bias", [2], [0f, 0f])]);
        StateDict start = NetworkWeights.WithNewHead("unetpp", given, initial);
        Assert.Equal(["a", "logit1.weight", "logit4.bias", "logit2.bias"], start.Select(tensor => tensor.Name));
        Assert.Equal([1f, 2f], start["a"].ToSingles());
        Assert.Equal([0f, 1f, 2f, 3f], start["logit1.weight"].ToSingles());
        Assert.Equal([8f, 9f], start["logit4.bias"].ToSingles());
        Assert.Equal([6f, 7f], start["logit2.bias"].ToSingles());
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
        using Network opened = NetworkWeights.Open(network, weights, null, 1, "cpu");
        return opened.Backend;
    }

    private static LoadedWeights Fresh(NetworkDescription network)
    {
        using TorchTrainable trainable = new(network, new TrainableSettings(), threads: 1);
        return Saved(trainable.CopyWeights());
    }

    private static LoadedWeights Saved(StateDict state)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("cmunext");
        try
        {
            string path = Path.Combine(folder.FullName, "w.pth");
            WeightsFile.Save(path, state);
            return WeightsFile.Load(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
