using CMUNeXt.Weights;

namespace CMUNeXt.Server.Serving;

/// <summary>The weights that are served, by name; the first is the default.</summary>
internal sealed class ServedWeightsList : IDisposable
{
    private readonly List<ServedWeights> all = [];

    /// <summary>Opens weights.</summary>
    /// <param name="weights">By name.</param>
    /// <param name="flips">Whether images are segmented flipped, too.</param>
    /// <exception cref="Files.BadFileException">Weights are none that are served.</exception>
    /// <exception cref="ArgumentException">There are none, or a name is twice there.</exception>
    public ServedWeightsList(IReadOnlyList<KeyValuePair<string, LoadedWeights>> weights, bool flips)
    {
        if (weights.Count == 0)
        {
            throw new ArgumentException("There are no weights to serve.");
        }

        if (weights.GroupBy(static one => one.Key).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two weights have the name '{twice.Key}': rename a file.");
        }

        try
        {
            foreach ((string name, LoadedWeights loaded) in weights)
            {
                all.Add(new ServedWeights(name, loaded, flips));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<ServedWeights> All => all;

    /// <summary>Those of a name, null taking the default; null where there are none.</summary>
    public ServedWeights? Find(string? name) => name is null ? All[0] : All.FirstOrDefault(one => one.Name == name);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (ServedWeights one in All)
        {
            one.Dispose();
        }
    }
}
