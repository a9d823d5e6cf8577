namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// From 16 bits to 8. OpenCV keeps the high byte. Scanners of 8, 10 or 12 bits write their values into 16 without stretching them: their
/// high bytes are black, so the lower bits are kept where no sample is larger. Masks of small values in 16 bits stay what they are.
/// </summary>
internal static class SixteenBits
{
    /// <summary>The bits that samples use: 8, 10, 12, or 16 for all that is more.</summary>
    /// <param name="largest">The largest sample.</param>
    public static int Of(int largest) => largest switch { < 1 << 8 => 8, < 1 << 10 => 10, < 1 << 12 => 12, _ => 16 };
}
