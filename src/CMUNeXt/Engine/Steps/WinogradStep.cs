using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Steps;

/// <summary>
/// A 3x3 convolution in one group or two, for some tiles of 4 x 4 pixels at a time, and what follows it on those pixels. A task is some tiles.
/// </summary>
internal abstract unsafe class WinogradStep<TSimd, TVector> : Step
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // The products of a chunk stay in the second-level cache.
    private const int ChunkFloats = 96 * 1024;

    // Pairs of tiles ahead of the one that is transformed: the processor by itself does not foresee six rows at once.
    private const int Lead = 4;

    // A cache line between points: powers of two apart, they would all fall into the same places of the cache.
    private const int PointGap = 16;

    public required FeatureMap Input { get; init; }

    /// <summary>For each group the weights of the 36 points.</summary>
    public required PackedMatrix[][] Weights { get; init; }

    public required PerChannel Bias { get; init; }

    public override int Tasks => Ceiling(TilesDown * TilesAcross, Tiles);

    public override nint Scratch => ProductScratch + ((nint)OutputOctets * OutputOctet) + Slack + EpilogueScratch;

    public override long MultiplyAdds => Weights.Sum(group => group.Sum(point => point.MultiplyAdds)) * TilesDown * TilesAcross;

    public override long Bytes => Input.Bytes + Weights.Sum(group => group.Sum(point => point.Bytes));

    /// <summary>Floats that the epilogue needs.</summary>
    protected abstract nint EpilogueScratch { get; }

    /// <summary>Floats from an octet of a chunk's output to the next.</summary>
    protected nint OutputOctet => (Tiles * 128) + PointGap;

    /// <summary>Octets of output of all groups.</summary>
    protected int OutputOctets => Weights.Length * GroupOutput;

    /// <summary>Tiles in a chunk.</summary>
    protected int Tiles
    {
        get
        {
            int fitting = ChunkFloats / (Winograd.Points * 8 * Math.Max(GroupInput, GroupOutput));
            int most = Math.Clamp(RoundUp(fitting, TSimd.Rows), TSimd.Rows, RoundUp(64, TSimd.Rows));
            return Math.Min(RoundUp(TilesDown * TilesAcross, TSimd.Rows), most);
        }
    }

    private static nint Slack => 256;

    private int GroupInput => Weights[0][0].Groups;

    private int GroupOutput => Weights[0][0].OutputOctets;

    private int TilesAcross => Ceiling(Input.Width, 4);

    private int TilesDown => Ceiling(Input.Height, 4);

    private nint ProductScratch => Winograd.Points * (((nint)(GroupInput + GroupOutput) * Tiles * 8) + (2 * PointGap));

    public override void Run(int task, float* scratch)
    {
        int octet = Tiles * 8;
        nint inputPoint = ((nint)GroupInput * octet) + PointGap;
        nint outputPoint = ((nint)GroupOutput * octet) + PointGap;
        float* products = scratch + (Winograd.Points * inputPoint);
        float* output = scratch + ProductScratch;
        int firstTile = task * Tiles;
        for (int group = 0; group < Weights.Length; group++)
        {
            Transform(firstTile, group * GroupInput, scratch, inputPoint, octet);
            for (int point = 0; point < Winograd.Points; point++)
            {
                Weights[group][point].Multiply<TSimd, TVector>(
                    scratch + (point * inputPoint), octet, Tiles, products + (point * outputPoint), octet);
            }

            for (int o = 0; o < GroupOutput; o++)
            {
                int to = (group * GroupOutput) + o;
                for (int pair = 0; pair < Tiles; pair += 2)
                {
                    Winograd.Transforms<TSimd, TVector>.Output(
                        products + ((nint)o * octet) + (pair * 8), outputPoint, Bias.At(to), output + (to * OutputOctet) + (pair * 128));
                }
            }
        }

        int tiles = Math.Min(Tiles, (TilesDown * TilesAcross) - firstTile);
        Finish(firstTile, tiles, output, output + (OutputOctets * OutputOctet) + Slack);
    }

    /// <summary>Does the rest with the outputs of a chunk: for each octet, for each tile, 4 x 4 pixels.</summary>
    protected abstract void Finish(int firstTile, int tiles, float* output, float* scratch);

    /// <summary>The place of a tile in the picture, and how much of it lies within.</summary>
    protected (int Y, int X, int Rows, int Columns) Place(int tile)
    {
        int y = tile / TilesAcross * 4;
        int x = tile % TilesAcross * 4;
        return (y, x, Math.Min(4, Input.Height - y), Math.Min(4, Input.Width - x));
    }

    // Octet by octet, and in each of them tile by tile.
    private void Transform(int firstTile, int firstOctet, float* target, nint point, int octet)
    {
        int pairs = Tiles / 2;
        int count = GroupInput * pairs;
        for (int i = -Lead; i < count; i++)
        {
            if (i + Lead < count)
            {
                Prefetch(TileAt(firstTile + ((i + Lead) % pairs * 2), firstOctet + ((i + Lead) / pairs)));
            }

            if (i >= 0)
            {
                int tile = firstTile + (i % pairs * 2);
                int o = i / pairs;
                Winograd.Transforms<TSimd, TVector>.Input(
                    TileAt(tile, firstOctet + o),
                    TileAt(tile + 1, firstOctet + o),
                    Input.Row,
                    target + ((nint)o * octet) + (i % pairs * 16),
                    point);
            }
        }
    }

    // The upper left value of a tile's input. A chunk's last tiles, where there are none, are computed from the picture's last, and left.
    private float* TileAt(int tile, int octet)
    {
        (int y, int x, _, _) = Place(Math.Min(tile, (TilesDown * TilesAcross) - 1));
        return Input.At(octet, y - 1, x - 1);
    }

    // What a pair of tiles reads that the pair before it does not.
    private void Prefetch(float* tile)
    {
        for (int row = 0; row < 6; row++)
        {
            for (int line = 1; line <= 4; line++)
            {
                TSimd.Prefetch(tile + (row * Input.Row) + (line * 16));
            }
        }
    }
}
