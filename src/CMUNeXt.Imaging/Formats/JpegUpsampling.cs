namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// Enlarges the samples of a JPEG's component to its pixels as libjpeg-turbo does: halves by a triangle filter, 3 of the nearer sample
/// to 1 of the farther, with its alternating rounding; any other ratio by repetition.
/// </summary>
internal static class JpegUpsampling
{
    /// <summary>Writes one row of pixels.</summary>
    /// <param name="plane">The component.</param>
    /// <param name="y">The row, in pixels.</param>
    /// <param name="sums">Room for the plane's width.</param>
    /// <param name="row">The pixels; at least as long as the enlarged plane.</param>
    public static void Row(JpegPlane plane, int y, Span<int> sums, Span<byte> row)
    {
        ReadOnlySpan<byte> near = RowOf(plane, y / plane.ShrunkDown);
        bool smoothAcross = plane is { ShrunkAcross: 2, ShrunkDown: 1 or 2, Width: > 2 };
        bool smoothDown = plane.ShrunkDown == 2 && (plane.ShrunkAcross == 1 || smoothAcross);
        if (!smoothDown)
        {
            if (smoothAcross)
            {
                Across(near, row);
            }
            else
            {
                Repeat(near, plane.ShrunkAcross, row);
            }

            return;
        }

        bool upper = y % 2 == 0;
        ReadOnlySpan<byte> far = RowOf(plane, Math.Clamp((y / 2) + (upper ? -1 : 1), 0, plane.Height - 1));
        sums = sums[..plane.Width];
        for (int x = 0; x < sums.Length; x++)
        {
            sums[x] = (3 * near[x]) + far[x];
        }

        if (smoothAcross)
        {
            AcrossSums(sums, row);
        }
        else
        {
            for (int x = 0; x < sums.Length; x++)
            {
                row[x] = (byte)((sums[x] + (upper ? 1 : 2)) >> 2);
            }
        }
    }

    private static ReadOnlySpan<byte> RowOf(JpegPlane plane, int y) => plane.Samples.AsSpan(y * plane.Width, plane.Width);

    private static void Repeat(ReadOnlySpan<byte> samples, int times, Span<byte> row)
    {
        if (times == 1)
        {
            samples.CopyTo(row);
            return;
        }

        for (int x = 0; x < samples.Length; x++)
        {
            row.Slice(x * times, times).Fill(samples[x]);
        }
    }

    private static void Across(ReadOnlySpan<byte> samples, Span<byte> row)
    {
        int last = samples.Length - 1;
        for (int x = 0; x <= last; x++)
        {
            int three = 3 * samples[x];
            row[2 * x] = (byte)(x == 0 ? samples[0] : (three + samples[x - 1] + 1) >> 2);
            row[(2 * x) + 1] = (byte)(x == last ? samples[last] : (three + samples[x + 1] + 2) >> 2);
        }
    }

    private static void AcrossSums(ReadOnlySpan<int> sums, Span<byte> row)
    {
        int last = sums.Length - 1;
        for (int x = 0; x <= last; x++)
        {
            int three = 3 * sums[x];
            row[2 * x] = (byte)((three + sums[Math.Max(x - 1, 0)] + 8) >> 4);
            row[(2 * x) + 1] = (byte)((three + sums[Math.Min(x + 1, last)] + 7) >> 4);
        }
    }
}
