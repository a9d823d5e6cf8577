using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>The transforms of the tiles of a round, point by point: [point][octet][tile][8].</summary>
internal readonly unsafe struct TileMap<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly float* memory;
    private readonly TileRounds rounds;

    /// <summary>Lays transforms out.</summary>
    /// <param name="memory">At least <see cref="Size"/> floats.</param>
    /// <param name="octets">The number of octets.</param>
    /// <param name="rounds">How many tiles there are.</param>
    public TileMap(float* memory, int octets, TileRounds rounds)
    {
        this.memory = memory;
        this.rounds = rounds;
        Octet = OctetSize(rounds);
        Point = PointSize(octets, rounds);
    }

    /// <summary>Floats from an octet to the next.</summary>
    public nint Octet { get; }

    /// <summary>Floats from a point to the next.</summary>
    public nint Point { get; }

    /// <summary>The floats of a map.</summary>
    public static nint Size(int octets, TileRounds rounds) => Winograd.Points * PointSize(octets, rounds);

    /// <summary>The eight values of a point and a tile.</summary>
    public float* At(int point, int octet, int tile) => memory + (point * Point) + (octet * Octet) + (tile * 8);

    /// <summary>Transforms, for each tile of a band, the 6 x 6 pixels that its 4 x 4 results depend on.</summary>
    /// <param name="window">An octet of the band's pixels, with a margin and from the row above the band on.</param>
    /// <param name="octet">The octet.</param>
    /// <param name="band">The band.</param>
    public void TransformSurroundings(in Window<TSimd, TVector> window, int octet, int band)
    {
        for (int i = 0; i < rounds.BandTiles; i += 2)
        {
            float* first = window.Data + (i / rounds.Across * TileRounds.Side * window.Row) + (i % rounds.Across * TileRounds.Side * 8);
            Winograd.Transforms<TSimd, TVector>.Input(
                first, first + (TileRounds.Side * 8), window.Row, At(0, octet, (band * rounds.BandTiles) + i), Point);
        }
    }

    /// <summary>Transforms the 4 x 4 pixels of each tile of a band as the backward pass from its results does.</summary>
    /// <param name="window">An octet of the band's pixels, without a margin.</param>
    /// <param name="octet">The octet.</param>
    /// <param name="band">The band.</param>
    public void TransformPixels(in Window<TSimd, TVector> window, int octet, int band)
    {
        for (int i = 0; i < rounds.BandTiles; i += 2)
        {
            float* first = window.Data + (i / rounds.Across * TileRounds.Side * window.Row) + (i % rounds.Across * TileRounds.Side * 8);
            WinogradGradients<TSimd, TVector>.Pixels(
                first, first + (TileRounds.Side * 8), window.Row, At(0, octet, (band * rounds.BandTiles) + i), Point);
        }
    }

    /// <summary>Transforms an octet of a band's products to pixels, in rows of <see cref="TileRounds.Across"/> tiles.</summary>
    public void TransformBack(int octet, int band, float* bias, float* target)
    {
        nint row = rounds.Across * TileRounds.Side * 8;
        for (int i = 0; i < rounds.BandTiles; i += 2)
        {
            Winograd.Transforms<TSimd, TVector>.Output(
                At(0, octet, (band * rounds.BandTiles) + i),
                Point,
                bias,
                target + (i / rounds.Across * TileRounds.Side * row) + (i % rounds.Across * TileRounds.Side * 8),
                row,
                TileRounds.Side * 8);
        }
    }

    private static nint OctetSize(TileRounds rounds) => (rounds.Room * 8) + 16;

    // Whole pages and a cache line: powers of two apart, the points would all fall into the same places of the cache.
    private static nint PointSize(int octets, TileRounds rounds) => (((octets * OctetSize(rounds)) + 1023) & ~(nint)1023) + 16;
}
