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

    private int GroupInput => Weights[0][0].InputOctets;

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

    // The chunk's last tiles, where there are none, are computed from the picture's last tile and left.
    private void Transform(int firstTile, int firstOctet, float* target, nint point, int octet)
    {
        int last = (TilesDown * TilesAcross) - 1;
        for (int pair = 0; pair < Tiles; pair += 2)
        {
            (int y0, int x0, _, _) = Place(Math.Min(firstTile + pair, last));
            (int y1, int x1, _, _) = Place(Math.Min(firstTile + pair + 1, last));
            for (int o = 0; o < GroupInput; o++)
            {
                Winograd.Transforms<TSimd, TVector>.Input(
                    Input.At(firstOctet + o, y0 - 1, x0 - 1),
                    Input.At(firstOctet + o, y1 - 1, x1 - 1),
                    Input.Row,
                    target + ((nint)o * octet) + (pair * 8),
                    point);
            }
        }
    }
}
