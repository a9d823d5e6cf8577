using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli;

/// <summary>From a weight file to the network that it belongs to.</summary>
internal static class NetworkWeights
{
    /// <summary>
    /// The weights that come with this program, by name; or reads a file: safetensors or <c>.pth</c> whatever its name, or one of our ONNX
    /// models by its ending <c>.onnx</c>.
    /// </summary>
    /// <param name="given">A name, which goes before a file that is called so, or a file; null takes the default weights.</param>
    /// <exception cref="BadFileException">It is neither, or not a weight file.</exception>
    public static LoadedWeights Load(string? given)
    {
        given ??= NamedWeights.Default;
        if (NamedWeights.Find(given) is { } named)
        {
            return named;
        }

        if (!Path.Exists(given) && given == Path.GetFileNameWithoutExtension(given))
        {
            throw new BadFileException(
                given, $"there is no such file, and the weights that come with this program are {string.Join(", ", NamedWeights.Names)}");
        }

        return given.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? OnnxFile.Read(given) : WeightsFile.Load(given);
    }

    /// <summary>Whether a word on the command line names weights, and so no image: one of the names, or a file by its ending.</summary>
    public static bool AreMeantBy(string word) =>
        !Directory.Exists(word)
        && (NamedWeights.Names.Contains(word) || Path.GetExtension(word).ToLowerInvariant() is ".safetensors" or ".pth" or ".onnx");

    /// <summary>Reads the weights of an ensemble.</summary>
    /// <param name="paths">The files; null takes the weights that come with the product.</param>
    /// <param name="model">The name of the network that the user gives; null for none.</param>
    /// <param name="state">States how each sees an image.</param>
    /// <exception cref="BadFileException">A file cannot be used, or the name contradicts it.</exception>
    public static IReadOnlyList<LoadedWeights> LoadAll(
        IReadOnlyList<string?>? paths, string? model, Func<LoadedWeights, LoadedWeights> state) =>
    [
        .. (paths ?? [null]).Select(path =>
        {
            LoadedWeights weights = Load(path);
            Describe(weights, model);
            return state(weights);
        }),
    ];

    /// <summary>
    /// The network of a weight file: from its metadata, from the shapes of its tensors, or by the name that the user gives.
    /// </summary>
    /// <exception cref="BadFileException">The file leaves the network open, or the name contradicts it.</exception>
    public static NetworkDescription Describe(LoadedWeights weights, string? model)
    {
        NetworkDescription described = weights.DescribeNetwork();
        return model is null || model == described.Name
            ? described
            : throw new BadFileException(
                weights.Path, $"holds a {described.Name}, not a {model}; leave out --model, or give its --weights");
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
