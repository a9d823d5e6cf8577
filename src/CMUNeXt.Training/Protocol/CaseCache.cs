using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Protocol;

/// <summary>
/// Decodes each case once and keeps it, up to a limit of memory; what does not fit is decoded again each time. Safe for several threads.
/// </summary>
/// <param name="limit">The most bytes of pixels that are kept.</param>
internal sealed class CaseCache(long limit)
{
    private readonly Dictionary<string, LoadedCase> kept = [];
    private readonly Dictionary<string, byte[]> labels = [];
    private readonly Lock gate = new();
    private long size;

    /// <summary>Keeps what a process may that is alone on its host.</summary>
    public CaseCache()
        : this(LimitFor(1))
    {
    }

    /// <summary>4 GiB, but for all processes together no more than a quarter of the memory that there is: networks need the rest.</summary>
    /// <param name="processes">The processes on the host that each keep their cases, at least 1.</param>
    public static long LimitFor(int processes) => Math.Min(4L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / processes);

    /// <summary>A case's image and mask, which nobody may change.</summary>
    /// <exception cref="Files.BadFileException">A file of the case cannot be read.</exception>
    public LoadedCase Load(Case source)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (gate)
        {
            if (kept.TryGetValue(source.ImagePath, out LoadedCase? found))
            {
                return found;
            }
        }

        LoadedCase loaded = LoadedCase.Load(source);
        long bytes = loaded.Image.Pixels.LongLength + loaded.Mask.Pixels.LongLength;
        lock (gate)
        {
            if (size + bytes <= limit && kept.TryAdd(source.ImagePath, loaded))
            {
                size += bytes;
            }
        }

        return loaded;
    }

    /// <summary>The classes of a case's mask, without the background and what is ignored.</summary>
    /// <exception cref="Files.BadFileException">A file of the case cannot be read.</exception>
    public IReadOnlyList<byte> ClassesOf(Case source) => [.. LabelsOf(source).Where(LesionLabels.IsLesion)];

    /// <summary>Whether a case's image is healthy (<see cref="LesionLabels.IsHealthy"/>).</summary>
    /// <exception cref="Files.BadFileException">A file of the case cannot be read.</exception>
    public bool IsHealthy(Case source) => LesionLabels.IsHealthy(LabelsOf(source));

    private byte[] LabelsOf(Case source)
    {
        ArgumentNullException.ThrowIfNull(source);
        lock (gate)
        {
            if (labels.TryGetValue(source.ImagePath, out byte[]? known))
            {
                return known;
            }
        }

        byte[] found = [.. Load(source).Mask.Pixels.Distinct().Order()];
        lock (gate)
        {
            return labels[source.ImagePath] = found;
        }
    }
}
