using CMUNeXt.Training.Data;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Sessions;

/// <summary>What is judged: weights, or masks that any program made; one of the two.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The prepared data set's folder.</summary>
    public required string Data { get; init; }

    /// <summary>The list of the cases: a file, looked for as given and then under <see cref="Data"/>.</summary>
    public required string List { get; init; }

    /// <summary>The weights; of several, the mean of their probabilities is judged.</summary>
    public IReadOnlyList<LoadedWeights> Weights { get; init; } = [];

    /// <summary>Whether each network sees the image flipped too (<see cref="Backends.Ensemble"/>).</summary>
    public bool Flips { get; init; }

    /// <summary>Whether all that is found counts, also where the presence of a lesion is below the weights' threshold.</summary>
    public bool All { get; init; }

    /// <summary>The folder of the masks, <c>NAME.png</c> or <c>NAME_mask.png</c>, of the images' own size.</summary>
    public string? Predictions { get; init; }

    /// <summary>What intervals take for one unit, such as the patient; null takes the case.</summary>
    public CaseKey? Unit { get; init; }

    /// <summary>What else cases are summarized by, beside the first word of their names.</summary>
    public IReadOnlyList<CaseKey> Subgroups { get; init; } = [];

    /// <summary>The name of the backend that runs the network; null takes the first that runs it on the device.</summary>
    public string? Backend { get; init; }

    /// <summary><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>The number of threads, at least 1; null takes one for each core.</summary>
    public int? Threads { get; init; }

    /// <exception cref="SettingsException">The number of threads is below 1.</exception>
    internal void Check()
    {
        if (Threads < 1)
        {
            throw new SettingsException("the number of threads must be at least 1");
        }
    }
}
