namespace CMUNeXt.Masks;

/// <summary>The size of a pixel in the body.</summary>
/// <param name="Width">Millimeters from one column to the next, above 0.</param>
/// <param name="Height">Millimeters from one row to the next, above 0.</param>
public readonly record struct PixelSize(double Width, double Height);
