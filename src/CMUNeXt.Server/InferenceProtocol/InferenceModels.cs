using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>The models of the protocol: for each of the weights the network itself, and one of encoded images.</summary>
internal sealed class InferenceModels
{
    /// <summary>The one version of every model.</summary>
    public const string Version = "1";

    /// <summary>Makes the models.</summary>
    /// <exception cref="ArgumentException">Two would have one name.</exception>
    public InferenceModels(ServedWeightsList weights, ServerOptions options, ServerMetrics metrics)
    {
        All = [.. weights.All.SelectMany(ModelsOf)];
        if (All.GroupBy(static model => model.Name).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two models of the inference protocol have the name '{twice.Key}': rename a weights file.");
        }

        IEnumerable<InferenceModel> ModelsOf(ServedWeights served) =>
            [new TensorModel(served, metrics), new ImageModel(served, options.PixelLimit, metrics)];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<InferenceModel> All { get; }

    /// <summary>The model of a name and version.</summary>
    /// <exception cref="BadHttpRequestException">There is none: 404.</exception>
    public InferenceModel Find(string name, string? version) =>
        All.FirstOrDefault(model => model.Name == name && version is null or Version)
            ?? throw new BadHttpRequestException(
                $"There is no such model, or not in this version; there are {string.Join(", ", All.Select(static model => model.Name))}, "
                    + $"of version {Version}.",
                StatusCodes.Status404NotFound);
}
