namespace CMUNeXt.Masks;

/// <summary>
/// The two diameters of a lesion, in millimeters: the largest distance between two points of its contour, and its largest extent across
/// that line. Its contour runs along the edges of its pixels.
/// </summary>
/// <param name="Long">The long axis.</param>
/// <param name="Short">The short axis.</param>
internal readonly record struct LesionAxes(double Long, double Short)
{
    /// <summary>Measures a contour.</summary>
    public static LesionAxes Of(IReadOnlyList<PixelPosition> contour, PixelSize size)
    {
        List<(double X, double Y)> hull = ConvexHull(contour, size);
        (double X, double Y) from = hull[0];
        (double X, double Y) to = hull[0];
        double longest = 0;
        foreach ((double X, double Y) a in hull)
        {
            foreach ((double X, double Y) b in hull)
            {
                double distance = Math.Sqrt(((b.X - a.X) * (b.X - a.X)) + ((b.Y - a.Y) * (b.Y - a.Y)));
                if (distance > longest)
                {
                    (longest, from, to) = (distance, a, b);
                }
            }
        }

        double Across((double X, double Y) p) => (((to.X - from.X) * p.Y) - ((to.Y - from.Y) * p.X)) / longest;
        return new LesionAxes(longest, hull.Max(Across) - hull.Min(Across));
    }

    // Andrew's monotone chain, over the corners of the pixels: the far ends of a lesion are all on it.
    private static List<(double X, double Y)> ConvexHull(IReadOnlyList<PixelPosition> contour, PixelSize size)
    {
        (int X, int Y)[] corners =
        [
            .. contour.SelectMany(static p => new[] { (p.X, p.Y), (p.X + 1, p.Y), (p.X, p.Y + 1), (p.X + 1, p.Y + 1) }).Distinct().Order(),
        ];
        List<(int X, int Y)> hull = [];
        AddChain(hull, corners);
        AddChain(hull, corners.Reverse());
        return [.. hull.Select(p => (p.X * size.Width, p.Y * size.Height))];
    }

    private static void AddChain(List<(int X, int Y)> hull, IEnumerable<(int X, int Y)> corners)
    {
        int start = hull.Count;
        foreach ((int X, int Y) corner in corners)
        {
            while (hull.Count >= start + 2 && Cross(hull[^2], hull[^1], corner) <= 0)
            {
                hull.RemoveAt(hull.Count - 1);
            }

            hull.Add(corner);
        }

        hull.RemoveAt(hull.Count - 1);
    }

    private static long Cross((int X, int Y) a, (int X, int Y) b, (int X, int Y) c) =>
        ((long)(b.X - a.X) * (c.Y - a.Y)) - ((long)(b.Y - a.Y) * (c.X - a.X));
}
