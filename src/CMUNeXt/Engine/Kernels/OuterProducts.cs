using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// Weight gradients: sums over pixels of the outer products of an octet with others of the same pixel, or of pixels beside it.
/// </summary>
internal static unsafe class OuterProducts<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>The floats of the sums of an octet with four others.</summary>
    public const int OctetsSize = 256;

    /// <summary>The floats of the sums of an octet with the three taps of two others.</summary>
    public const int TapsSize = 384;

    /// <summary>
    /// sums[k][j][l] += the sum over pixels of b[k] p_j[l], for four octets p; where there are fewer, the rest of the sums is of no use.
    /// </summary>
    /// <param name="b">The first pixel's octet.</param>
    /// <param name="p">The first pixel's first octet to multiply with.</param>
    /// <param name="octet">Floats to the next.</param>
    /// <param name="octets">The octets that there are.</param>
    /// <param name="pixels">Pixels.</param>
    /// <param name="sums">8 x 4 x 8 values.</param>
    public static void AddOctets(float* b, float* p, nint octet, int octets, int pixels, float* sums)
    {
        if (TSimd.Lanes == 16 && octets <= 2)
        {
            OuterKernels<TSimd, TVector>.Octets8x1(b, p, octets > 1 ? p + octet : p, pixels, sums);
            return;
        }

        if (TSimd.Lanes == 16)
        {
            OuterKernels<TSimd, TVector>.Octets8x2(
                b, p, octets > 1 ? p + octet : p, octets > 2 ? p + (2 * octet) : p, octets > 3 ? p + (3 * octet) : p, pixels, sums);
            return;
        }

        for (int j = 0; j < Math.Min(octets, 4); j++)
        {
            for (int lane = 0; lane < 8; lane += TSimd.Lanes)
            {
                OuterKernels<TSimd, TVector>.Rows8x1(b, 0, p + (j * octet) + lane, 0, 1, pixels, sums + (j * 8) + lane, 32);
            }
        }
    }

    /// <summary>
    /// For a 3x3 convolution: sums[k][...] += the sum over pixels of b[k] and, of each of two octets, three pixels side by side: the first
    /// two of the one, then of the other, then the third of both.
    /// </summary>
    /// <param name="b">The first pixel's octet.</param>
    /// <param name="bRow">Floats from its row to the next.</param>
    /// <param name="p">The first of the three pixels, of the first octet.</param>
    /// <param name="q">The same of the second octet; null where there is none.</param>
    /// <param name="pRow">Floats from their rows to the next.</param>
    /// <param name="rows">Rows of pixels.</param>
    /// <param name="columns">Pixels in a row.</param>
    /// <param name="sums">8 x 6 x 8 values; see <see cref="TapPlace"/>.</param>
    public static void AddTaps(float* b, nint bRow, float* p, float* q, nint pRow, int rows, int columns, float* sums)
    {
        if (TSimd.Lanes == 16)
        {
            if (q != null)
            {
                OuterKernels<TSimd, TVector>.Taps8x3(b, bRow, p, q, pRow, rows, columns, sums);
            }
            else
            {
                OuterKernels<TSimd, TVector>.Taps8x2(b, bRow, p, pRow, rows, columns, sums);
            }

            return;
        }

        for (int i = 0; i < (q == null ? 3 : 6); i++)
        {
            float* source = i < 3 ? p : q;
            for (int lane = 0; lane < 8; lane += TSimd.Lanes)
            {
                OuterKernels<TSimd, TVector>.Rows8x1(
                    b, bRow, source + (i % 3 * 8) + lane, pRow, rows, columns, sums + TapPlace(i / 3, i % 3) + lane, 48);
            }
        }
    }

    /// <summary>Where the sums of an octet, 0 or 1, and a tap, 0 to 2, begin among the 48 of each b.</summary>
    public static int TapPlace(int octet, int tap) => tap < 2 ? (octet * 16) + (tap * 8) : 32 + (octet * 8);
}
