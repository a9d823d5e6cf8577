using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

/// <summary>The plain version of what the components and contours are tested by: spreading from pixel to pixel.</summary>
internal static class FloodFill
{
    /// <summary>The pixels reached from a start through pixels that are allowed.</summary>
    public static HashSet<PixelPosition> From(PixelPosition start, bool diagonally, Func<PixelPosition, bool> allowed)
    {
        HashSet<PixelPosition> reached = [start];
        Queue<PixelPosition> open = new([start]);
        while (open.TryDequeue(out PixelPosition pixel))
        {
            foreach (PixelPosition next in Neighbors(pixel, diagonally).Where(p => !reached.Contains(p) && allowed(p)))
            {
                reached.Add(next);
                open.Enqueue(next);
            }
        }

        return reached;
    }

    public static IEnumerable<PixelPosition> Neighbors(PixelPosition pixel, bool diagonally)
    {
        for (int dy = -1; dy <= 1; dy++)
        {
            for (int dx = -1; dx <= 1; dx++)
            {
                int distance = Math.Abs(dx) + Math.Abs(dy);
                if (distance == 1 || (distance == 2 && diagonally))
                {
                    yield return new PixelPosition(pixel.X + dx, pixel.Y + dy);
                }
            }
        }
    }

    /// <summary>Everything that a set of pixels shuts off from the outside of the image, with the set itself.</summary>
    public static HashSet<PixelPosition> Fill(IReadOnlySet<PixelPosition> wall, int width, int height)
    {
        // One more pixel on every side, so that the outside hangs together.
        HashSet<PixelPosition> outside = From(
            new PixelPosition(-1, -1),
            diagonally: false,
            p => p.X >= -1 && p.Y >= -1 && p.X <= width && p.Y <= height && !wall.Contains(p));
        return
        [
            .. Enumerable.Range(0, width * height)
                .Select(i => new PixelPosition(i % width, i / width))
                .Where(p => !outside.Contains(p)),
        ];
    }
}
