using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Phantoms;

/// <summary>SplitMix64 (Steele, Lea and Flood, 2014): a phantom must be the same on every machine and with every runtime.</summary>
internal sealed class PhantomRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    private ulong state;

    /// <summary>One stream for each seed and index.</summary>
    public PhantomRandom(ulong seed, int index) => state = RandomSequence.Mix(RandomSequence.Mix(seed) + (Golden * (ulong)(uint)index));

    /// <summary>Uniform over all values.</summary>
    public ulong NextBits() => RandomSequence.Mix(state += Golden);

    /// <summary>Uniform in [0, 1).</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [from, to).</summary>
    public double Between(double from, double to) => from + ((to - from) * NextDouble());

    /// <summary>Uniform in from .. to - 1.</summary>
    public int Between(int from, int to) => from + (int)(NextDouble() * (to - from));

    /// <summary>True with a probability.</summary>
    public bool Chance(double probability) => NextDouble() < probability;
}
