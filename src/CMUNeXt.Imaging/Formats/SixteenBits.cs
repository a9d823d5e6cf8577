using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// From 16 bits to 8. OpenCV keeps the high byte; where that would be black, the upper 8 of the bits that are used are kept
/// (<see cref="PixelBuffer.SignificantBitsFor"/>). Masks of small values in 16 bits stay what they are.
/// </summary>
/// <param name="bits">How many of the 16 bits are used.</param>
internal sealed class SixteenBits(int bits)
{
    /// <summary>The largest sample so far.</summary>
    public int Largest { get; private set; }

    /// <summary>The smallest sample above 0 so far.</summary>
    public int Smallest { get; private set; } = int.MaxValue;

    /// <summary>Whether fewer bits are used than were supposed, so that the samples have to be read again.</summary>
    public bool HasFewer => PixelBuffer.SignificantBitsFor(Largest) < bits;

    /// <summary>Looks at a sample.</summary>
    public int Note(int sample)
    {
        Largest = Math.Max(Largest, sample);
        Smallest = sample > 0 ? Math.Min(Smallest, sample) : Smallest;
        return sample;
    }

    /// <summary>The 8 bits of a sample.</summary>
    public byte Eight(int sample) => (byte)(sample >> (bits - 8));
}
