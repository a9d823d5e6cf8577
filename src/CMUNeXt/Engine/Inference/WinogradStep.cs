using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// A 3x3 convolution in one group or two, for some tiles of 4 x 4 pixels at a time, and what follows it on those pixels. A task is some
/// tiles, and where there are few of them, a part of the outputs.
/// </summary>
internal abstract unsafe class WinogradStep<TSimd, TVector> : CountedStep
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // The products of a chunk stay in the second-level cache.
    private const int ChunkFloats = 96 * 1024;

    // Pairs of tiles ahead of the one that is transformed: the processor by itself does not foresee six rows at once.
    private const int Lead = 4;

    // A cache line between points: powers of two apart, they would all fall into the same places of the cache.
    private const int PointGap = 16;

    private int tilesInChunk;

    public required FeatureMap Input { get; init; }

    /// <summary>For each group the weights of the 36 points.</summary>
    public required PackedMatrix[][] Weights { get; init; }

    public required PerChannel Bias { get; init; }

    public override int Tasks => Chunks * Parts;

    public override nint Scratch => ProductScratch + ((nint)OutputBlocks * OutputBlockStride) + Slack + EpilogueScratch;

    public override long MultiplyAdds => Weights.Sum(group => group.Sum(point => point.MultiplyAdds)) * TilesDown * TilesAcross;

    public override long Bytes => Input.Bytes + Weights.Sum(group => group.Sum(point => point.Bytes));

    /// <summary>The parts in which the outputs may be computed on their own; 1 where what follows needs all of them.</summary>
    protected virtual int Parts => 1;

    /// <summary>Chunks of tiles.</summary>
    protected int Chunks => Ceiling(TilesDown * TilesAcross, Tiles);

    /// <summary>Floats that the epilogue needs.</summary>
    protected abstract nint EpilogueScratch { get; }

    /// <summary>Floats from a channel block of a chunk's output to the next.</summary>
    protected nint OutputBlockStride => (Tiles * 128) + PointGap;

    /// <summary>Channel blocks of output of all groups.</summary>
    protected int OutputBlocks => Weights.Length * GroupOutput;

    /// <summary>Tiles in a chunk.</summary>
    protected int Tiles => tilesInChunk != 0 ? tilesInChunk : tilesInChunk = ChooseTiles();

    private static nint Slack => 256;

    private int GroupInput => Weights[0][0].Groups;

    private int GroupOutput => Weights[0][0].OutputBlocks;

    private int TilesAcross => Ceiling(Input.Width, 4);

    private int TilesDown => Ceiling(Input.Height, 4);

    // Floats from a point of a panel's products to the next.
    private nint ProductPointStride => (TSimd.PanelBlocks * Tiles * 8) + PointGap;

    private nint ProductScratch => Winograd.Points * (((nint)GroupInput * Tiles * 8) + PointGap + ProductPointStride);

    public override void Run(int task, float* scratch)
    {
        int blockStride = Tiles * 8;
        nint inputPointStride = ((nint)GroupInput * blockStride) + PointGap;
        float* products = scratch + (Winograd.Points * inputPointStride);
        float* output = scratch + ProductScratch;
        int firstTile = task / Parts * Tiles;
        int tiles = Math.Min(Tiles, (TilesDown * TilesAcross) - firstTile);
        (int first, int count) = PartOf(task % Parts);
        for (int group = 0; group < Weights.Length; group++)
        {
            Transform(firstTile, group * GroupInput, scratch, inputPointStride, blockStride);

            // A panel of outputs at a time, so that its products are still near when they are transformed.
            for (int o = first; o < first + count; o += TSimd.PanelBlocks)
            {
                int blocks = Math.Min(TSimd.PanelBlocks, first + count - o);
                Multiply(group, (o, blocks), scratch, inputPointStride, products, blockStride);
                int place = (group * GroupOutput) + o;
                Transform(products, blockStride, blocks, place, output + ((place - first) * OutputBlockStride));
            }
        }

        Finish(firstTile, tiles, first, count * Weights.Length, output, output + (OutputBlocks * OutputBlockStride) + Slack);
    }

    /// <summary>The activation of the outputs of a channel block.</summary>
    protected abstract void Activate(float* values, nint count);

    /// <summary>
    /// Does the rest with some channel blocks of the outputs of a chunk: for each channel block, for each tile, 4 x 4 pixels.
    /// </summary>
    protected abstract void Finish(int firstTile, int tiles, int firstBlock, int blocks, float* output, float* scratch);

    /// <summary>The place of a tile in the image, and how much of it lies within.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected (int Y, int X, int Rows, int Columns) Place(int tile)
    {
        int y = tile / TilesAcross * 4;
        int x = tile % TilesAcross * 4;
        return (y, x, Math.Min(4, Input.Height - y), Math.Min(4, Input.Width - x));
    }

    // As many as the cache holds, in chunks of equal size and an even number of them; but not so few that weights are read too often.
    private int ChooseTiles()
    {
        int all = TilesDown * TilesAcross;
        int fitting = ChunkFloats / (Winograd.Points * 8 * Math.Max(GroupInput, GroupOutput));
        int most = Math.Clamp(RoundUp(fitting, TSimd.Rows), RoundUp(32, TSimd.Rows), RoundUp(64, TSimd.Rows));
        return RoundUp(Ceiling(all, RoundUp(Ceiling(all, most), 2)), TSimd.Rows);
    }

    // Whole panels, so that each part reads weights of its own.
    private (int First, int Count) PartOf(int part)
    {
        int blocks = RoundUp(Ceiling(GroupOutput, Parts), TSimd.PanelBlocks);
        int first = Math.Min(part * blocks, GroupOutput);
        return (first, Math.Min(blocks, GroupOutput - first));
    }

    private void Multiply(int group, (int First, int Count) outputs, float* input, nint inputPointStride, float* products, int blockStride)
    {
        for (int point = 0; point < Winograd.Points; point++)
        {
            Weights[group][point].Multiply<TSimd, TVector, BlockInput>(
                input + (point * inputPointStride),
                blockStride,
                Tiles,
                products + (point * ProductPointStride),
                blockStride,
                (0, GroupInput),
                outputs,
                next: Weights[group][(point + 1) % Winograd.Points]);
        }
    }

    private void Transform(float* products, int blockStride, int blocks, int place, float* target)
    {
        for (int o = 0; o < blocks; o++)
        {
            float* bias = Bias.At(place + o);
            float* t = target + (o * OutputBlockStride);
            for (int pair = 0; pair < Tiles; pair += 2)
            {
                Winograd.Transforms<TSimd, TVector>.Output(
                    products + ((nint)o * blockStride) + (pair * 8), ProductPointStride, bias, t + (pair * 128));
            }

            Activate(t, Tiles * 128);
        }
    }

    // Channel block by channel block, and in each of them tile by tile.
    private void Transform(int firstTile, int firstBlock, float* target, nint pointStride, int blockStride)
    {
        int pairs = Tiles / 2;
        int count = GroupInput * pairs;
        for (int i = -Lead; i < count; i++)
        {
            if (i + Lead < count)
            {
                Prefetch(TileAt(firstTile + ((i + Lead) % pairs * 2), firstBlock + ((i + Lead) / pairs)));
            }

            if (i >= 0)
            {
                int tile = firstTile + (i % pairs * 2);
                int o = i / pairs;
                Winograd.Transforms<TSimd, TVector>.Input(
                    TileAt(tile, firstBlock + o),
                    TileAt(tile + 1, firstBlock + o),
                    Input.RowStride,
                    target + ((nint)o * blockStride) + (i % pairs * 16),
                    pointStride);
            }
        }
    }

    // The upper left value of a tile's input. A chunk's last tiles, where there are none, are computed from the image's last, and left.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* TileAt(int tile, int block)
    {
        (int y, int x, _, _) = Place(Math.Min(tile, (TilesDown * TilesAcross) - 1));
        return Input.At(block, y - 1, x - 1);
    }

    // What a pair of tiles reads that the pair before it does not.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Prefetch(float* tile)
    {
        for (int row = 0; row < 6; row++)
        {
            for (int line = 1; line <= 4; line++)
            {
                TSimd.Prefetch(tile + (row * Input.RowStride) + (line * 16));
            }
        }
    }
}
