using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>The transforms of the tiles of a round, point by point: [point][block][tile][8].</summary>
internal readonly unsafe struct TileMap<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly float* memory;
    private readonly TileRounds rounds;

    /// <summary>Lays transforms out.</summary>
    /// <param name="memory">At least <see cref="Size"/> floats.</param>
    /// <param name="blocks">The number of channel blocks.</param>
    /// <param name="rounds">How many tiles there are.</param>
    public TileMap(float* memory, int blocks, TileRounds rounds)
    {
        this.memory = memory;
        this.rounds = rounds;
        BlockStride = BlockSize(rounds);
        PointStride = PointSize(blocks, rounds);
    }

    /// <summary>Floats from a channel block to the next.</summary>
    public nint BlockStride { get; }

    /// <summary>Floats from a point to the next.</summary>
    public nint PointStride { get; }

    /// <summary>The floats of a map.</summary>
    public static nint Size(int blocks, TileRounds rounds) => Winograd.Points * PointSize(blocks, rounds);

    /// <summary>The eight values of a point and a tile.</summary>
    public float* At(int point, int block, int tile) => memory + (point * PointStride) + (block * BlockStride) + (tile * 8);

    /// <summary>Transforms, for each tile of a band, the 6 x 6 pixels that its 4 x 4 results depend on.</summary>
    /// <param name="window">A channel block of the band's pixels, with a margin and from the row above the band on.</param>
    /// <param name="block">The channel block.</param>
    /// <param name="band">The band.</param>
    public void TransformSurroundings(in Window<TSimd, TVector> window, int block, int band)
    {
        for (int i = 0; i < rounds.BandTiles; i += 2)
        {
            float* first = window.Data + (i / rounds.Across * TileRounds.Side * window.RowStride)
                + (i % rounds.Across * TileRounds.Side * 8);
            Winograd.Transforms<TSimd, TVector>.Input(
                first, first + (TileRounds.Side * 8), window.RowStride, At(0, block, (band * rounds.BandTiles) + i), PointStride);
        }
    }

    /// <summary>Transforms the 4 x 4 pixels of each tile of a band as the backward pass from its results does.</summary>
    /// <param name="window">A channel block of the band's pixels, without a margin.</param>
    /// <param name="block">The channel block.</param>
    /// <param name="band">The band.</param>
    public void TransformPixels(in Window<TSimd, TVector> window, int block, int band)
    {
        for (int i = 0; i < rounds.BandTiles; i += 2)
        {
            float* first = window.Data + (i / rounds.Across * TileRounds.Side * window.RowStride)
                + (i % rounds.Across * TileRounds.Side * 8);
            WinogradGradients<TSimd, TVector>.Pixels(
                first, first + (TileRounds.Side * 8), window.RowStride, At(0, block, (band * rounds.BandTiles) + i), PointStride);
        }
    }

    /// <summary>Transforms a channel block of a band's products to pixels, in rows of <see cref="TileRounds.Across"/> tiles.</summary>
    public void TransformBack(int block, int band, float* bias, float* target)
    {
        nint rowStride = rounds.Across * TileRounds.Side * 8;
        for (int i = 0; i < rounds.BandTiles; i += 2)
        {
            Winograd.Transforms<TSimd, TVector>.Output(
                At(0, block, (band * rounds.BandTiles) + i),
                PointStride,
                bias,
                target + (i / rounds.Across * TileRounds.Side * rowStride) + (i % rounds.Across * TileRounds.Side * 8),
                rowStride,
                TileRounds.Side * 8);
        }
    }

    private static nint BlockSize(TileRounds rounds) => (rounds.Room * 8) + 16;

    // Whole pages and a cache line: powers of two apart, the points would all fall into the same places of the cache.
    private static nint PointSize(int blocks, TileRounds rounds) => (((blocks * BlockSize(rounds)) + 1023) & ~(nint)1023) + 16;
}
