using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Training.Data;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli;

/// <summary>From a weight file to the network that it belongs to.</summary>
internal static class NetworkWeights
{
    /// <summary>Reads a weight file: safetensors or <c>.pth</c> whatever its name, or one of our ONNX models by its ending <c>.onnx</c>.</summary>
    /// <param name="path">The file; null takes the weights that come with the product.</param>
    public static LoadedWeights Load(string? path) => path is null ? Pretrained.BreastUltrasound
        : path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OnnxFile.Read(path)
        : WeightsFile.Load(path);

    /// <summary>The network of a weight file: from its metadata, from the shapes of its tensors, or by the name that the user gives.</summary>
    /// <exception cref="BadFileException">The file leaves the network open, or the name contradicts it.</exception>
    public static NetworkDescription Describe(LoadedWeights weights, string? model)
    {
        NetworkDescription described = weights.DescribeNetwork();
        return model is null || model == described.Name
            ? described
            : throw new BadFileException(weights.Path, $"holds a {described.Name}, not a {model}; leave out --model, or give its --weights");
    }

    /// <summary>Opens the network of a weight file with a backend.</summary>
    /// <param name="network">Which network.</param>
    /// <param name="weights">Its file.</param>
    /// <param name="backend">The name of a backend; null takes the first that runs the network on the device.</param>
    /// <param name="threads">The number of threads; null takes one for each core.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="BackendException">There is no such backend, or it does not run the network on the device.</exception>
    /// <exception cref="UsageException">This machine does not have the device.</exception>
    /// <exception cref="BadFileException">The tensors are not those of the network.</exception>
    public static Network Open(NetworkDescription network, LoadedWeights weights, string? backend, int? threads, string device)
    {
        try
        {
            return BackendRegistry.ForInference(network, device, backend).Open(network, weights.State, threads, device);
        }
        catch (ArgumentException e)
        {
            // On the CPU nothing but the tensors is left to be wrong.
            throw device == "cpu" ? new BadFileException(weights.Path, e.Message, e) : new UsageException(e.Message);
        }
    }

    /// <summary>Opens a network to find lesions with: as <see cref="Open"/>, and weights whose logits are not finite are refused.</summary>
    /// <inheritdoc cref="Open"/>
    public static Network OpenForImages(NetworkDescription network, LoadedWeights weights, string? backend, int? threads, string device)
    {
        Network opened = Open(network, weights, backend, threads, device);
        Segmenter.CheckLogits(opened, weights.Path);
        return opened;
    }

    /// <summary>Refuses weights whose classes are not as many as those of a data set.</summary>
    /// <exception cref="BadFileException">The numbers differ.</exception>
    public static void CheckClasses(LoadedWeights weights, NetworkDescription network, DataSet data)
    {
        if (network.Outputs != data.Outputs)
        {
            throw new BadFileException(weights.Path, $"has {network.Outputs} outputs, and the data set's {data.Classes} classes need {data.Outputs}");
        }
    }

    /// <summary>
    /// Opens something from weights, then gives the memory back that only the opening needed: a file's content, and copies of its tensors,
    /// are as large as the network itself.
    /// </summary>
    public static T GiveBackAfter<T>(Func<T> open)
    {
        T opened = open();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return opened;
    }

    /// <summary>Given weights for training, with the last layers as they are initialized where their shapes differ.</summary>
    public static StateDict WithNewHead(string network, StateDict given, StateDict initial)
    {
        IReadOnlyList<string> heads = NetworkCatalog.HeadsOf(network);
        return new StateDict(given.Select(tensor =>
            heads.Any(head => tensor.Name.StartsWith(head, StringComparison.Ordinal))
                && initial.TryGet(tensor.Name, out WeightTensor? first) && !first.Shape.SequenceEqual(tensor.Shape)
                ? first
                : tensor));
    }
}
