namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// From 16 bits to 8. OpenCV keeps the high byte. Scanners of 8, 10 or 12 bits write their values into 16 without stretching them: their
/// high bytes are black, so the lower bits are kept where no sample is larger. Masks of small values in 16 bits stay what they are.
/// </summary>
/// <param name="bits">How many of the 16 bits are used.</param>
internal sealed class SixteenBits(int bits)
{
    /// <summary>The largest sample so far.</summary>
    public int Largest { get; private set; }

    /// <summary>The smallest sample above 0 so far.</summary>
    public int Smallest { get; private set; } = int.MaxValue;

    /// <summary>Whether fewer bits are used than were supposed, so that the samples have to be read again.</summary>
    public bool HasFewer => Of(Largest) < bits;

    /// <summary>The bits that samples use: 8, 10, 12, or 16 for all that is more.</summary>
    /// <param name="largest">The largest sample.</param>
    public static int Of(int largest) => largest switch { < 1 << 8 => 8, < 1 << 10 => 10, < 1 << 12 => 12, _ => 16 };

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
