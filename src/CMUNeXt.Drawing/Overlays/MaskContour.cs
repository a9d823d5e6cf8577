using CMUNeXt.Masks;

using SkiaSharp;

namespace CMUNeXt.Drawing.Overlays;

/// <summary>The contour of a class in a mask as closed curves between its pixels and the others.</summary>
internal static class MaskContour
{
    // Directions in clockwise order, as y points down: right, down, left, up.
    private static readonly (int X, int Y)[] Steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    /// <summary>
    /// Follows the edges of pixels with the class on the right-hand side; the curve joins the middles of the edges, which takes the
    /// steps out of slanted contours.
    /// </summary>
    /// <returns>A path in image coordinates, pixel (0, 0) covering [0, 1] x [0, 1]; empty where the class is absent.</returns>
    public static SKPath Trace(Mask mask, byte label)
    {
        int across = mask.Width + 1;
        byte[] leaving = EdgesByVertex(mask, label);
        SKPath path = new();
        int start = 0;
        for (int next; (next = leaving.AsSpan(start).IndexOfAnyExcept((byte)0)) >= 0;)
        {
            start += next;
            Follow(leaving, across, start, path);
        }

        return path;
    }

    // For each corner of pixels a bit for each direction in which an edge leaves it.
    private static byte[] EdgesByVertex(Mask mask, byte label)
    {
        int across = mask.Width + 1;
        byte[] leaving = new byte[across * (mask.Height + 1)];
        for (int y = 0; y < mask.Height; y++)
        {
            ReadOnlySpan<byte> row = Row(y);
            int first = row.IndexOf(label);
            if (first < 0)
            {
                continue;
            }

            ReadOnlySpan<byte> above = y > 0 ? Row(y - 1) : [];
            ReadOnlySpan<byte> below = y < mask.Height - 1 ? Row(y + 1) : [];
            int end = row.LastIndexOf(label) + 1;
            for (int x = first; x < end; x++)
            {
                if (row[x] != label)
                {
                    continue;
                }

                int corner = (y * across) + x;
                if (above.IsEmpty || above[x] != label)
                {
                    leaving[corner] |= 1 << 0;
                }

                if (x == mask.Width - 1 || row[x + 1] != label)
                {
                    leaving[corner + 1] |= 1 << 1;
                }

                if (below.IsEmpty || below[x] != label)
                {
                    leaving[corner + across + 1] |= 1 << 2;
                }

                if (x == 0 || row[x - 1] != label)
                {
                    leaving[corner + across] |= 1 << 3;
                }
            }
        }

        return leaving;

        ReadOnlySpan<byte> Row(int y) => mask.Pixels.AsSpan(y * mask.Width, mask.Width);
    }

    private static void Follow(byte[] leaving, int across, int start, SKPath path)
    {
        int direction = int.TrailingZeroCount(leaving[start]);
        int vertex = start;
        int turn = 0;
        bool isFirst = true;
        do
        {
            leaving[vertex] &= (byte)~(1 << direction);
            (int stepX, int stepY) = Steps[direction];
            float x = (vertex % across) + (stepX / 2f);
            float y = (vertex / across) + (stepY / 2f);
            vertex += stepX + (stepY * across);

            // Where two pixels touch by a corner alone, the sharpest turn to the right keeps them apart.
            bool hasTurned = turn != 0;
            turn = 1;
            while (turn >= -1 && (leaving[vertex] & (1 << ((direction + turn) & 3))) == 0)
            {
                turn--;
            }

            // Of a straight line its ends alone: what draws a large image goes through every point once for each of its tiles.
            if (isFirst)
            {
                path.MoveTo(x, y);
                isFirst = false;
            }
            else if (hasTurned || turn != 0)
            {
                path.LineTo(x, y);
            }

            direction = (direction + turn) & 3;
        }
        while (turn >= -1);

        path.Close();
    }
}
