using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// Bilinear upsampling by 2, 3x3 convolution with its normalization folded in, ReLU. Both are linear, so they change places: products of
/// the kernel with each pixel of the small image, then their sums, weighted as the upsampling weights them. A task is some output channels
/// of some rows.
/// </summary>
/// <remarks>
/// Let p0, p1, p2 be the products with the kernel's three rows (each for its three columns), E[r] = p0[r - 1] + p2[r] and O[r] = p1[r].
/// Then row 2r of the result is 3/4 E[r] + 1/4 E[r + 1] + 1/4 O[r - 1] + 3/4 O[r], and row 2r + 1 is 1/4 E[r] + 3/4 E[r + 1] + 3/4 O[r] +
/// 1/4 O[r + 1], where the small image's first and last rows are repeated beyond its edges, as the upsampling does. But the convolution
/// pads with zeros: so p0[0] is taken off row 0, and p2 of the last row off the last. E is a convolution with a kernel of two rows, of
/// which three rows take four products instead of six (Winograd's F(3, 2), points 0, 1, -1 and infinity). Columns are summed in the same
/// way, from nine products.
/// </remarks>
internal sealed unsafe class UpsamplingStep<TSimd, TVector> : CountedStep
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private const int Columns = 3;

    // Pixels that are multiplied at a time, at least, so that weights are read seldom.
    private const int EnoughPixels = 96;

    public required FeatureMap Input { get; init; }

    public required FeatureMap Output { get; init; }

    /// <summary>
    /// For each group of <see cref="GroupBlocks"/> channel blocks: the weights of the kernel's first row, of half the sum and half the
    /// difference of the first and the last, of the last, and of the middle; in each the outputs for the first column, then the second,
    /// then the third.
    /// </summary>
    public required PackedMatrix[][] Weights { get; init; }

    public required PerChannel Bias { get; init; }

    /// <summary>Channel blocks of the output that a task computes.</summary>
    public required int GroupBlocks { get; init; }

    public override int Tasks => Weights.Length * Bands;

    public override nint Scratch =>
        (4 * Input.Blocks * SumBlockStride) + (4 * Columns * GroupBlocks * SumBlockStride) + (4 * StripSize) + (2 * EdgeSize) + (9 * Line);

    // Rows of the small image in a task; E of one more and O of two more have to be made for each.
    private int Band => Weights.Length * Ceiling(Input.Height, 32) >= 4 ? 32 : 16;

    public override long MultiplyAdds =>
        Weights.Sum(group => group.Take(4).Sum(matrix => matrix.MultiplyAdds) + (3 * group[4].MultiplyAdds)) * Input.Height * Input.Width
            / 3;

    public override long Bytes => Input.Bytes + Weights.Sum(group => group.Sum(matrix => matrix.Bytes)) + Output.Bytes;

    private int Bands => Ceiling(Input.Height, Band);

    // Three rows of E each are computed from four of the input; so many of these threes at a time.
    private int Threes => Math.Max(1, Math.Min(Ceiling(EnoughPixels, Input.Width), Ceiling(Math.Min(Band, Input.Height) + 1, 3)));

    private int StripRows => 3 * Threes;

    // A vector of two pixels may write one beyond the last of a row of E.
    private int EvenWidth => RoundUp(Input.Width, 2);

    // A channel block of one row of each three.
    private nint SumBlockStride => RoundUp(Threes * EvenWidth, TSimd.Rows) * 8;

    // A channel block of all rows of a strip.
    private nint StripBlockStride => RoundUp(StripRows * EvenWidth, TSimd.Rows) * 8;

    private nint StripSize => Columns * GroupBlocks * StripBlockStride;

    private nint EdgeBlockStride => RoundUp(Input.Width, TSimd.Rows) * 8;

    private nint EdgeSize => Columns * GroupBlocks * EdgeBlockStride;

    // One line of pixels with a pixel before it and some after.
    private int Line => (RoundUp(Input.Width, TSimd.Rows) + 4) * 8;

    public override void Run(int task, float* scratch)
    {
        PackedMatrix[] weights = Weights[task / Bands];
        int firstBlock = task / Bands * GroupBlocks;
        int blocks = Math.Min(GroupBlocks, Output.Blocks - firstBlock);
        int from = task % Bands * Band;
        int to = Math.Min(from + Band, Input.Height);
        float* sums = scratch;
        float* products = sums + (4 * Input.Blocks * SumBlockStride);
        float* strips = products + (4 * Columns * GroupBlocks * SumBlockStride);
        float* edges = strips + (4 * StripSize);
        float* lines = edges + (2 * EdgeSize);
        Strip strip = new() { First = from - StripRows, E = strips, O = strips + StripSize };
        Strip next = new() { First = from, E = strips + (2 * StripSize), O = strips + (3 * StripSize) };
        if (from > 0)
        {
            MultiplyRows(weights[4], from - 1, 1, strip.O + ((StripRows - 1) * Input.Width * 8), StripBlockStride);
        }
        else
        {
            MultiplyRows(weights[0], 0, 1, edges, EdgeBlockStride);
        }

        if (to == Input.Height)
        {
            MultiplyRows(weights[3], to - 1, 1, edges + EdgeSize, EdgeBlockStride);
        }

        for (int e = from; e <= to; e += StripRows)
        {
            (strip, next) = (next, strip);
            strip.First = e;
            ComputeE(weights, e, sums, products, blocks, strip.E);
            MultiplyRows(weights[4], e, Math.Min(StripRows, Input.Height - e), strip.O, StripBlockStride);
            for (int r = Math.Max(e - 1, from); r < Math.Min(e - 1 + StripRows, to); r++)
            {
                for (int block = 0; block < blocks; block++)
                {
                    for (int column = 0; column < Columns; column++)
                    {
                        int place = (column * blocks) + block;
                        SumRows(strip, next, r, place, lines + (column * Line) + 8, lines + ((Columns + column) * Line) + 8, edges);
                    }

                    SumColumns(lines, lines + (6 * Line), firstBlock + block, 2 * r);
                    SumColumns(lines + (3 * Line), lines + (6 * Line), firstBlock + block, (2 * r) + 1);
                }
            }
        }
    }

    // Rows lie one after the other, without margins between them.
    private void MultiplyRows(PackedMatrix matrix, int row, int rows, float* target, nint blockStride)
    {
        if (rows > 0)
        {
            matrix.Multiply<TSimd, TVector>(Input.At(0, row, 0), Input.BlockStride, RoundUp(rows * Input.Width, TSimd.Rows), target,
                blockStride);
        }
    }

    // Rows e to e + StripRows - 1 of E.
    private void ComputeE(PackedMatrix[] weights, int e, float* sums, float* products, int blocks, float* target)
    {
        int width = EvenWidth * 8;
        nint sum = Input.Blocks * SumBlockStride;
        nint product = Columns * GroupBlocks * SumBlockStride;
        for (int block = 0; block < Input.Blocks; block++)
        {
            for (int three = 0; three < Threes; three++)
            {
                float* s = sums + (block * SumBlockStride) + (three * width);
                int row = e + (3 * three);
                SumInputs(InputRow(block, row - 1), InputRow(block, row), InputRow(block, row + 1), InputRow(block, row + 2), s, sum,
                    width);
            }
        }

        for (int i = 0; i < 4; i++)
        {
            weights[i].Multiply<TSimd, TVector>(sums + (i * sum), SumBlockStride, (int)(SumBlockStride / 8), products + (i * product),
                SumBlockStride);
        }

        for (int place = 0; place < Columns * blocks; place++)
        {
            for (int three = 0; three < Threes; three++)
            {
                SumProducts(
                    products + (place * SumBlockStride) + (three * width), product,
                    target + (place * StripBlockStride) + (3 * three * width), width);
            }
        }
    }

    private float* InputRow(int block, int row) => Input.At(block, Math.Clamp(row, 0, Input.Height - 1), 0);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumInputs(float* d0, float* d1, float* d2, float* d3, float* target, nint stride, int count)
    {
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            TVector x1 = TSimd.Load(d1 + i);
            TVector x2 = TSimd.Load(d2 + i);
            TSimd.Store(TSimd.Subtract(TSimd.Load(d0 + i), x2), target + i);
            TSimd.Store(TSimd.Add(x1, x2), target + stride + i);
            TSimd.Store(TSimd.Subtract(x2, x1), target + (2 * stride) + i);
            TSimd.Store(TSimd.Subtract(TSimd.Load(d3 + i), x1), target + (3 * stride) + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumProducts(float* m, nint stride, float* target, int count)
    {
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            TVector m1 = TSimd.Load(m + stride + i);
            TVector m2 = TSimd.Load(m + (2 * stride) + i);
            TVector both = TSimd.Add(m1, m2);
            TSimd.Store(TSimd.Add(TSimd.Load(m + i), both), target + i);
            TSimd.Store(TSimd.Subtract(m1, m2), target + count + i);
            TSimd.Store(TSimd.Add(both, TSimd.Load(m + (3 * stride) + i)), target + (2 * count) + i);
        }
    }

    // Rows 2r and 2r + 1 of the result, for one channel block and one column of the kernel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SumRows(in Strip strip, in Strip before, int r, int place, float* even, float* odd, float* edges)
    {
        float* upper = E(strip, before, r, place);
        float* lower = E(strip, before, r + 1, place);
        float* above = O(strip, before, Math.Max(r - 1, 0), place);
        float* here = O(strip, before, r, place);
        float* below = O(strip, before, Math.Min(r + 1, Input.Height - 1), place);
        TVector quarter = TSimd.Create(0.25f);
        TVector threeQuarters = TSimd.Create(0.75f);
        int count = Input.Width * 8;
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            TVector e0 = TSimd.Load(upper + i);
            TVector e1 = TSimd.Load(lower + i);
            TVector o = TSimd.Multiply(threeQuarters, TSimd.Load(here + i));
            TVector e = TSimd.MultiplyAdd(quarter, TSimd.Load(above + i), o);
            o = TSimd.MultiplyAdd(quarter, TSimd.Load(below + i), o);
            TSimd.Store(TSimd.MultiplyAdd(threeQuarters, e0, TSimd.MultiplyAdd(quarter, e1, e)), even + i);
            TSimd.Store(TSimd.MultiplyAdd(threeQuarters, e1, TSimd.MultiplyAdd(quarter, e0, o)), odd + i);
        }

        if (r == 0)
        {
            Subtract(even, edges + (place * EdgeBlockStride), count);
        }

        if (r == Input.Height - 1)
        {
            Subtract(odd, edges + EdgeSize + (place * EdgeBlockStride), count);
        }

        for (int i = 0; i < 8; i++)
        {
            even[i - 8] = even[i];
            odd[i - 8] = odd[i];
            even[count + i] = even[count - 8 + i];
            odd[count + i] = odd[count - 8 + i];
        }
    }

    private float* E(in Strip strip, in Strip before, int row, int place) =>
        (row >= strip.First ? strip.E + ((row - strip.First) * EvenWidth * 8) : before.E + ((row - before.First) * EvenWidth * 8))
            + (place * StripBlockStride);

    private float* O(in Strip strip, in Strip before, int row, int place) =>
        (row >= strip.First ? strip.O + ((row - strip.First) * Input.Width * 8) : before.O + ((row - before.First) * Input.Width * 8))
            + (place * StripBlockStride);

    private static void Subtract(float* values, float* what, int count)
    {
        for (int i = 0; i < count; i += TSimd.Lanes)
        {
            TSimd.Store(TSimd.Subtract(TSimd.Load(values + i), TSimd.Load(what + i)), values + i);
        }
    }

    // One row of the result from its three columns of the kernel, each a line with its ends repeated.
    private void SumColumns(float* lines, float* result, int block, int y)
    {
        float* left = lines + 8;
        Upsampling<TSimd, TVector>.SumColumns<BiasAndRelu>(left, left + Line, left + (2 * Line), Input.Width, Bias.At(block), result);
        int count = 2 * Input.Width * 8;
        new ReadOnlySpan<float>(result, count).CopyTo(new Span<float>(Output.At(block, y, 0), count));
    }

    /// <summary>Some rows of E and of O: for each column of the kernel, each channel block its rows one after the other.</summary>
    private struct Strip
    {
        public int First;

        public float* E;

        public float* O;
    }
}
