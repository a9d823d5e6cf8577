using CMUNeXt.Engine.Memory;
using CMUNeXt.Networks;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// The feature maps of a network, level by level, as a layout numbers them. Levels are counted from 0, the image's own size.
/// </summary>
internal sealed class PlannedMaps
{
    /// <summary>Adds the maps for images of a size to a layout.</summary>
    public PlannedMaps(CMUNeXtConfiguration configuration, int height, int width, FeatureMapLayout layout)
    {
        IReadOnlyList<int> dims = configuration.Dims;
        Lowest = dims.Count - 1;
        Skips = [.. Enumerable.Range(0, Lowest).Select(level => (Add(dims[level], level, 1), layout.AddBehind()))];
        Inputs = new int[dims.Count];
        Blocks = new int[dims.Count][];
        for (int level = 0; level <= Lowest; level++)
        {
            int channels = dims[Math.Max(level - 1, 0)];
            int margin = Math.Max(configuration.Kernels[level] / 2, 1);
            Inputs[level] = Add(channels, level, margin);

            // Blocks write two maps by turns.
            int first = Add(channels, level, margin);
            int second = configuration.Depths[level] > 1 ? Add(channels, level, margin) : first;
            Blocks[level] = [.. Enumerable.Range(0, configuration.Depths[level]).Select(block => block % 2 == 0 ? first : second)];
        }

        Results = new int[dims.Count];
        for (int level = Lowest; level > 0; level--)
        {
            Results[level] = Add(dims[level], level, 0);
        }

        int Add(int channels, int level, int margin) => layout.Add((channels + 7) / 8, height >> level, width >> level, margin);
    }

    /// <summary>The lowest level, whose images are the smallest.</summary>
    public int Lowest { get; }

    /// <summary>
    /// For each level but the lowest, what its Skip-Fusion block reads: the encoder's half, and behind it the decoder's, whose place others
    /// use until it is written.
    /// </summary>
    public (int Encoder, int Decoder)[] Skips { get; }

    /// <summary>What the first block of each level reads.</summary>
    public int[] Inputs { get; }

    /// <summary>What each block of each level writes.</summary>
    public int[][] Blocks { get; }

    /// <summary>What the level above upsamples, for each level but the highest.</summary>
    public int[] Results { get; }

    /// <summary>What a block of a level reads, or, counted on behind the last, the convolution at its end.</summary>
    public int Before(int level, int block) => block == 0 ? Inputs[level] : Blocks[level][block - 1];
}
