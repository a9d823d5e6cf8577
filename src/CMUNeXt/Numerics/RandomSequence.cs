namespace CMUNeXt.Numerics;

/// <summary>
/// A sequence of random numbers that is a function of its keys alone, the same on every machine and in every version
/// (SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
/// </summary>
public struct RandomSequence
{
    private ulong state;

    /// <summary>Starts a sequence of its own for a seed and a name.</summary>
    /// <param name="seed">The seed of the whole undertaking.</param>
    /// <param name="name">What the numbers are for.</param>
    /// <param name="number">A further key, such as an epoch.</param>
    public RandomSequence(ulong seed, string name, ulong number = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        state = Mix(Mix(seed) ^ number);
        foreach (char c in name)
        {
            state = Mix(state ^ c);
        }
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong Next() => Mix(state += 0x9E3779B97F4A7C15);

    /// <summary>A number in [0, 1), of 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A whole number in [0, limit).</summary>
    /// <param name="limit">At least 1.</param>
    public int NextInt(int limit) => (int)(NextDouble() * limit);

    /// <summary>The finalizer of SplitMix64, which spreads neighboring numbers over all of them.</summary>
    /// <param name="z">Any number.</param>
    public static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
