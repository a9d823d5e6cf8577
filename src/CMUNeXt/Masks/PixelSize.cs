namespace CMUNeXt.Masks;

/// <summary>The size of a pixel in the body.</summary>
/// <param name="Width">Millimeters from one column to the next, from <see cref="Smallest"/> to <see cref="Largest"/>.</param>
/// <param name="Height">Millimeters from one row to the next, in the same range.</param>
public readonly record struct PixelSize(double Width, double Height)
{
    /// <summary>The smallest side that is taken for one, in millimeters: wider than any image of a body needs.</summary>
    public const double Smallest = 0.0001;

    /// <summary>The largest side that is taken for one, in millimeters.</summary>
    public const double Largest = 100;

    /// <summary>Whether both sides are in the range: a file may state anything.</summary>
    public bool IsMeasurable() => Width is >= Smallest and <= Largest && Height is >= Smallest and <= Largest;

    /// <exception cref="ArgumentOutOfRangeException">It measures nothing, as the default does.</exception>
    internal void Check(string parameter)
    {
        if (!IsMeasurable())
        {
            throw new ArgumentOutOfRangeException(parameter, this, "Width and height of a pixel are from 0.0001 to 100 millimeters.");
        }
    }
}
