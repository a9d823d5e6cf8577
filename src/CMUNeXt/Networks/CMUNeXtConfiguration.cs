namespace CMUNeXt.Networks;

/// <summary>
/// The configuration of a CMUNeXt: what differs between S, base and L (Tang et al., "CMUNeXt: An Efficient Medical Image
/// Segmentation Network based on Large Kernel and Skip Fusion", ISBI 2024, table 1).
/// </summary>
/// <param name="Dims">The channels of the five levels, each at least 1.</param>
/// <param name="Depths">The number of large-kernel blocks at each of the five levels, each at least 1.</param>
/// <param name="Kernels">The size of the depthwise kernels at each of the five levels, odd.</param>
public sealed record CMUNeXtConfiguration(IReadOnlyList<int> Dims, IReadOnlyList<int> Depths, IReadOnlyList<int> Kernels)
{
    /// <summary>The number of levels of the U.</summary>
    public const int Levels = 5;

    /// <summary>CMUNeXt-S: 417,505 parameters.</summary>
    public static CMUNeXtConfiguration Small { get; } = new([8, 16, 32, 64, 128], [1, 1, 1, 1, 1], [3, 3, 7, 7, 9]);

    /// <summary>CMUNeXt: 3,149,185 parameters.</summary>
    public static CMUNeXtConfiguration Base { get; } = new([16, 32, 128, 160, 256], [1, 1, 1, 3, 1], [3, 3, 7, 7, 7]);

    /// <summary>CMUNeXt-L: 8,286,721 parameters.</summary>
    public static CMUNeXtConfiguration Large { get; } = new([32, 64, 128, 256, 512], [1, 1, 1, 6, 3], [3, 3, 7, 7, 7]);

    /// <inheritdoc/>
    public bool Equals(CMUNeXtConfiguration? other) =>
        other is not null && Dims.SequenceEqual(other.Dims) && Depths.SequenceEqual(other.Depths) && Kernels.SequenceEqual(other.Kernels);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int value in Dims.Concat(Depths).Concat(Kernels))
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>Says what is wrong with the configuration.</summary>
    /// <exception cref="ArgumentException">A list does not have five values, a value is too small, or a kernel is even.</exception>
    public void Validate()
    {
        Check(Dims, nameof(Dims), static v => v is >= 1 and <= 65536, "are from 1 to 65536");
        Check(Depths, nameof(Depths), static v => v is >= 1 and <= 1024, "are from 1 to 1024");
        Check(Kernels, nameof(Kernels), static v => v is >= 1 and <= 255 && v % 2 == 1, "are odd, from 1 to 255");
    }

    private static void Check(IReadOnlyList<int> values, string name, Func<int, bool> allowed, string rule)
    {
        if (values.Count != Levels || !values.All(allowed))
        {
            throw new ArgumentException($"{name} are {Levels} numbers that {rule}, not [{string.Join(", ", values)}].");
        }
    }
}
