namespace CMUNeXt.Masks;

/// <summary>
/// The outer contour of a component: its pixels that touch the outside, in the order in which Moore-neighbor tracing meets them,
/// clockwise, from the component's first pixel. Consecutive pixels, and the last and the first, are neighbors (of eight); where the
/// component is one pixel wide the contour goes there and back, and names a pixel twice. Holes have no contour.
/// </summary>
internal static class Contour
{
    // Clockwise (y grows downwards), from the left.
    private static ReadOnlySpan<sbyte> StepX => [-1, -1, 0, 1, 1, 1, 0, -1];

    private static ReadOnlySpan<sbyte> StepY => [0, -1, -1, -1, 0, 1, 1, 1];

    /// <summary>Traces the outer contour.</summary>
    /// <param name="components">The components of a mask.</param>
    /// <param name="component">One of them.</param>
    /// <returns>The contour; the first pixel is not repeated at the end.</returns>
    public static IReadOnlyList<PixelPosition> Trace(ConnectedComponents components, Component component)
    {
        ArgumentNullException.ThrowIfNull(components);
        List<PixelPosition> contour = [];
        PixelPosition pixel = component.First;

        // Nothing of the component lies left of its first pixel, or above it.
        int outside = 0;
        int firstStep = -1;
        while (true)
        {
            int step = Next(components, component.Label, pixel, outside);
            if (step < 0)
            {
                return [pixel];
            }

            // Leaving the first pixel the same way a second time closes the contour; passing through it otherwise does not.
            if (pixel == component.First && step == firstStep)
            {
                return contour;
            }

            firstStep = firstStep < 0 ? step : firstStep;
            contour.Add(pixel);
            pixel = new PixelPosition(pixel.X + StepX[step], pixel.Y + StepY[step]);
            outside = OutsideAfter(step);
        }
    }

    /// <summary>The direction of the first pixel of the component, clockwise from a neighbor that is outside; -1 if it is alone.</summary>
    private static int Next(ConnectedComponents components, int label, PixelPosition pixel, int outside)
    {
        for (int turn = 1; turn < 8; turn++)
        {
            int direction = (outside + turn) & 7;
            int x = pixel.X + StepX[direction];
            int y = pixel.Y + StepY[direction];
            if ((uint)x < (uint)components.Width && (uint)y < (uint)components.Height
                && components.Labels[y * components.Width + x] == label)
            {
                return direction;
            }
        }

        return -1;
    }

    /// <summary>
    /// Where, seen from the pixel stepped to, the neighbor lies that was looked at last before the step and found outside:
    /// after a straight step two eighths of a turn to its left and behind, after a diagonal one three.
    /// </summary>
    private static int OutsideAfter(int step) => (step & 1) == 0 ? (step + 6) & 7 : (step + 5) & 7;
}
