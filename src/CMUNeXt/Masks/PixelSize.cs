namespace CMUNeXt.Masks;

/// <summary>The size of a pixel in the body.</summary>
/// <param name="Width">Millimeters from one column to the next, above 0.</param>
/// <param name="Height">Millimeters from one row to the next, above 0.</param>
public readonly record struct PixelSize(double Width, double Height)
{
    /// <exception cref="ArgumentOutOfRangeException">It measures nothing, as the default does.</exception>
    internal void Check(string parameter)
    {
        if (Width is not (> 0 and < double.PositiveInfinity) || Height is not (> 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(parameter, this, "Width and height of a pixel are above 0 millimeters.");
        }
    }
}
