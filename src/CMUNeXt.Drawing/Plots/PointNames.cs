using ScottPlot;

namespace CMUNeXt.Drawing.Plots;

/// <summary>Finds places for the names of points, so that they cover neither points nor each other where that can be helped.</summary>
internal static class PointNames
{
    // The width of a letter of the font, for its size.
    private const float LetterWidth = 0.56f;
    private const float LineHeight = 1.3f;

    /// <summary>Places names one after another, each where it covers the least, and among those nearest to its point.</summary>
    /// <param name="names">The names.</param>
    /// <param name="points">The points in the frame, in pixels from its upper left corner.</param>
    /// <param name="frame">The size of the frame, which names stay within.</param>
    /// <param name="fontSize">The size of the font in pixels.</param>
    /// <param name="marker">The diameter of a point in pixels.</param>
    /// <returns>Where each name is written.</returns>
    public static IReadOnlyList<PixelRect> Place(
        IReadOnlyList<string> names, IReadOnlyList<Pixel> points, PixelSize frame, float fontSize, float marker)
    {
        List<PixelRect> taken = [.. points.Select(point => new PixelRect(point, marker / 2))];
        List<PixelRect> placed = [];
        for (int i = 0; i < names.Count; i++)
        {
            PixelSize size = new(names[i].Length * fontSize * LetterWidth, fontSize * LineHeight);
            PixelRect best = Around(points[i], size, marker).MinBy(place => Cost(place, taken, frame));
            taken.Add(best);
            placed.Add(best);
        }

        return placed;
    }

    // Beside, above and below the point, then further and further away.
    private static IEnumerable<PixelRect> Around(Pixel point, PixelSize size, float marker)
    {
        for (int ring = 0; ring < 4; ring++)
        {
            float gap = (marker / 2) + 2 + (ring * size.Height);
            float[] lefts = [point.X + (marker / 2) + 2, point.X - (marker / 2) - 2 - size.Width, point.X - (size.Width / 2)];
            foreach (float top in ring == 0
                ? (float[])[point.Y - (size.Height / 2), point.Y - gap - size.Height, point.Y + gap]
                : [point.Y - gap - size.Height, point.Y + gap])
            {
                foreach (float left in lefts)
                {
                    yield return new PixelRect(left, left + size.Width, top + size.Height, top);
                }
            }
        }
    }

    private static double Cost(PixelRect place, List<PixelRect> taken, PixelSize frame)
    {
        double outside = Math.Max(0, -place.Left) + Math.Max(0, place.Right - frame.Width) + Math.Max(0, -place.Top)
            + Math.Max(0, place.Bottom - frame.Height);
        return taken.Sum(other => Overlap(place, other)) + (1000 * outside);
    }

    private static double Overlap(PixelRect a, PixelRect b) =>
        Math.Max(0, Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left)) * Math.Max(
            0, Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top));
}
