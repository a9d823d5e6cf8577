namespace CMUNeXt.Engine;

/// <summary>Lays feature maps out one after the other, then makes the memory for all of them.</summary>
internal sealed unsafe class FeatureMapLayout
{
    // Kernels may read, never use, so much beyond the last map.
    private const int Slack = 4096;

    private readonly List<(nint Origin, FeatureMap Map)> maps = [];
    private nint size;

    /// <summary>Adds a map with margins that any convolution of it needs.</summary>
    /// <param name="octets">Octets of channels.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="margin">Rows and columns of zeros on the upper left; there are enough for tiles of 4 on the lower right.</param>
    /// <returns>Its place in what <see cref="Allocate"/> gives.</returns>
    public int Add(int octets, int height, int width, int margin)
    {
        int after = margin == 0 ? 0 : Math.Max(margin, 5);
        nint row = (width + margin + after) * 8;

        // A cache line more, so that the octets of a pixel do not all fall into the same places of the cache.
        nint octet = (row * (height + margin + after)) + 16;
        maps.Add((size + (margin * row) + (margin * 8), new FeatureMap { Octets = octets, Height = height, Width = width, Row = row, Octet = octet }));
        size += octet * octets;
        return maps.Count - 1;
    }

    /// <summary>Makes the memory, all zeros.</summary>
    public (NativeBuffer Memory, FeatureMap[] Maps) Allocate()
    {
        NativeBuffer memory = new(size + Slack);
        return (memory, [.. maps.Select(map => map.Map with { Origin = memory.Data + map.Origin })]);
    }
}
