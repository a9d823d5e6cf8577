using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// Weight gradients: sums over pixels of the outer products of a channel block with others of the same pixel, or of pixels beside it.
/// </summary>
internal static unsafe class WeightGradients<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>The floats of the sums of a channel block with four others.</summary>
    public const int BlocksSize = 256;

    /// <summary>The floats of the sums of a channel block with three columns of the kernel of two others.</summary>
    public const int ColumnsSize = 384;

    /// <summary>
    /// sums[k][j][l] += the sum over pixels of b[k] p_j[l], for four channel blocks p; where there are fewer, the rest of the sums is of no
    /// use.
    /// </summary>
    /// <param name="b">The first pixel's channel block.</param>
    /// <param name="p">The first pixel's first channel block to multiply with.</param>
    /// <param name="blockStride">Floats to the next.</param>
    /// <param name="blocks">The channel blocks that there are.</param>
    /// <param name="pixels">Pixels.</param>
    /// <param name="sums">8 x 4 x 8 values.</param>
    public static void AddBlocks(float* b, float* p, nint blockStride, int blocks, int pixels, float* sums)
    {
        if (TSimd.Lanes == 16 && blocks <= 2)
        {
            WeightGradientKernels<TSimd, TVector>.Blocks8x1(b, p, blocks > 1 ? p + blockStride : p, pixels, sums);
            return;
        }

        if (TSimd.Lanes == 16)
        {
            WeightGradientKernels<TSimd, TVector>.Blocks8x2(
                b, p, blocks > 1 ? p + blockStride : p, blocks > 2 ? p + (2 * blockStride) : p, blocks > 3 ? p + (3 * blockStride) : p,
                pixels, sums);
            return;
        }

        for (int j = 0; j < Math.Min(blocks, 4); j++)
        {
            for (int lane = 0; lane < 8; lane += TSimd.Lanes)
            {
                WeightGradientKernels<TSimd, TVector>.Rows8x1(b, 0, p + (j * blockStride) + lane, 0, 1, pixels, sums + (j * 8) + lane, 32);
            }
        }
    }

    /// <summary>
    /// For a 3x3 convolution: sums[k][...] += the sum over pixels of b[k] and, of each of two channel blocks, three pixels side by side:
    /// the first two of the one, then of the other, then the third of both.
    /// </summary>
    /// <param name="b">The first pixel's channel block.</param>
    /// <param name="bRowStride">Floats from its row to the next.</param>
    /// <param name="p">The first of the three pixels, of the first channel block.</param>
    /// <param name="q">The same of the second channel block; null where there is none.</param>
    /// <param name="pRowStride">Floats from their rows to the next.</param>
    /// <param name="rows">Rows of pixels.</param>
    /// <param name="columns">Pixels in a row.</param>
    /// <param name="sums">8 x 6 x 8 values; see <see cref="ColumnPlace"/>.</param>
    public static void AddColumns(float* b, nint bRowStride, float* p, float* q, nint pRowStride, int rows, int columns, float* sums)
    {
        if (TSimd.Lanes == 16)
        {
            if (q != null)
            {
                WeightGradientKernels<TSimd, TVector>.Columns8x3(b, bRowStride, p, q, pRowStride, rows, columns, sums);
            }
            else
            {
                WeightGradientKernels<TSimd, TVector>.Columns8x2(b, bRowStride, p, pRowStride, rows, columns, sums);
            }

            return;
        }

        for (int i = 0; i < (q == null ? 3 : 6); i++)
        {
            float* source = i < 3 ? p : q;
            for (int lane = 0; lane < 8; lane += TSimd.Lanes)
            {
                WeightGradientKernels<TSimd, TVector>.Rows8x1(
                    b, bRowStride, source + (i % 3 * 8) + lane, pRowStride, rows, columns, sums + ColumnPlace(i / 3, i % 3) + lane, 48);
            }
        }
    }

    /// <summary>Where the sums of a channel block, 0 or 1, and a column of the kernel, 0 to 2, begin among the 48 of each b.</summary>
    public static int ColumnPlace(int block, int column) => column < 2 ? (block * 16) + (column * 8) : 32 + (block * 8);
}
