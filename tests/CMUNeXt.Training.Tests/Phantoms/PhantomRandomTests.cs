using CMUNeXt.Numerics;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Training.Tests.Phantoms;

public sealed class PhantomRandomTests
{
    // The first numbers of SplitMix64 from state 1234567, as published with the reference implementation's test vectors.
    [Fact]
    public void It_is_SplitMix64()
    {
        ulong[] expected = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821];
        ulong state = 1234567;
        foreach (ulong value in expected)
        {
            state += 0x9E3779B97F4A7C15;
            Assert.Equal(value, RandomSequence.Mix(state));
        }
    }

    [Fact]
    public void Streams_of_neighboring_seeds_and_indices_differ()
    {
        HashSet<ulong> first = [];
        for (ulong seed = 0; seed < 30; seed++)
        {
            for (int index = -1; index < 30; index++)
            {
                first.Add(new PhantomRandom(seed, index).NextBits());
            }
        }

        Assert.Equal(30 * 31, first.Count);
    }

    [Fact]
    public void Numbers_stay_in_their_range_and_fill_it()
    {
        PhantomRandom random = new(1, 2);
        int[] counts = new int[7];
        for (int i = 0; i < 7000; i++)
        {
            counts[random.Between(3, 10) - 3]++;
            Assert.InRange(random.Between(-2.0, 5.0), -2, 5);
        }

        Assert.All(counts, count => Assert.InRange(count, 850, 1150));
    }
}
