namespace CMUNeXt.Networks;

/// <summary>The sizes of input that a network computes.</summary>
/// <param name="Default">The size that it is trained with where nothing else is asked for, in pixels.</param>
/// <param name="Multiple">Height and width are multiples of this many pixels: the side of a pixel at its lowest level.</param>
/// <param name="IsFixed">Whether it takes the default alone, because the shapes of its tensors depend on it.</param>
public sealed record InputSize(int Default = 256, int Multiple = 16, bool IsFixed = false)
{
    /// <summary>The smallest multiple that is not below a side; a fixed size stays what it is.</summary>
    public int RoundUp(int side) => IsFixed ? side : checked((side + Multiple - 1) / Multiple * Multiple);

    /// <summary>Says what is wrong with a size.</summary>
    /// <returns>One sentence, or null where all is well.</returns>
    public string? FindFault(int width, int height) =>
        IsFixed && (width, height) != (Default, Default) ? $"the size must be {Default} x {Default} pixels, not {width} x {height}"
        : width < Multiple || width % Multiple != 0 || height < Multiple || height % Multiple != 0
            ? $"the size must be a multiple of {Multiple} pixels, not {width} x {height}"
            : null;
}
