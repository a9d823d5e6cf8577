using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Onnx;
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
}
