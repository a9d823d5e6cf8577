namespace CMUNeXt.Images;

/// <summary>How the pixels of a <see cref="PixelBuffer"/> lie in memory.</summary>
public enum PixelFormat
{
    /// <summary>One byte, the luminance.</summary>
    Gray8,

    /// <summary>
    /// Two bytes, the luminance, the low byte first; the bits that are used of them count (<see cref="PixelBuffer.SignificantBits"/>).
    /// </summary>
    Gray16,

    /// <summary>Three bytes: red, green, blue.</summary>
    Rgb24,

    /// <summary>Three bytes: blue, green, red.</summary>
    Bgr24,

    /// <summary>Four bytes: red, green, blue, alpha. The alpha is dropped without blending.</summary>
    Rgba32,

    /// <summary>Four bytes: blue, green, red, alpha. The alpha is dropped without blending.</summary>
    Bgra32,
}
