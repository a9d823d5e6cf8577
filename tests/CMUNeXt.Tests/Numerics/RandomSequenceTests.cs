using CMUNeXt.Numerics;

namespace CMUNeXt.Tests.Numerics;

public sealed class RandomSequenceTests
{
    private const int Many = 20_000;

    [Fact]
    public void A_sequence_is_a_function_of_its_keys()
    {
        Assert.Equal(Take(new RandomSequence(41, "order", 3), 100), Take(new RandomSequence(41, "order", 3), 100));
        Assert.NotEqual(Take(new RandomSequence(41, "order", 3), 4), Take(new RandomSequence(42, "order", 3), 4));
        Assert.NotEqual(Take(new RandomSequence(41, "order", 3), 4), Take(new RandomSequence(41, "order", 4), 4));
        Assert.NotEqual(Take(new RandomSequence(41, "order", 3), 4), Take(new RandomSequence(41, "ordes", 3), 4));
        Assert.NotEqual(Take(new RandomSequence(41, "ab", 3), 4), Take(new RandomSequence(41, "ba", 3), 4));
        Assert.NotEqual(Take(new RandomSequence(3, "order", 41), 4), Take(new RandomSequence(41, "order", 3), 4));
    }

    [Fact]
    public void Neighboring_keys_have_different_first_numbers()
    {
        HashSet<ulong> first = [];
        for (ulong seed = 0; seed < 20; seed++)
        {
            for (ulong number = 0; number < 20; number++)
            {
                for (int name = 0; name < 20; name++)
                {
                    Assert.True(first.Add(new RandomSequence(seed, $"case {name}", number).Next()));
                }
            }
        }
    }

    [Fact]
    public void Numbers_fill_the_interval_evenly()
    {
        RandomSequence random = new(1, "uniformity");
        Assert.All(ChiSquares(() => random.NextDouble()), IsLikely);
    }

    [Fact]
    public void The_first_numbers_of_sequences_with_neighboring_keys_fill_the_interval_evenly()
    {
        int i = 0;
        Assert.All(ChiSquares(() => new RandomSequence(41, $"case ({i++})", 7).NextDouble()), IsLikely);
        i = 0;
        Assert.All(ChiSquares(() => new RandomSequence(41, "case (1)", (ulong)i++).NextDouble()), IsLikely);
        i = 0;
        Assert.All(ChiSquares(() => new RandomSequence((ulong)i++, "case (1)").NextDouble()), IsLikely);
    }

    [Fact]
    public void Sequences_of_neighboring_names_are_not_correlated()
    {
        RandomSequence a = new(41, "case (1)");
        RandomSequence b = new(41, "case (2)");
        double sum = 0;
        for (int i = 0; i < Many; i++)
        {
            sum += (a.NextDouble() - 0.5) * (b.NextDouble() - 0.5);
        }

        // A product of two uniform numbers about 0 has the variance 1/144.
        Assert.InRange(sum / Many * 12 * Math.Sqrt(Many), -5, 5);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whole_numbers_lie_below_the_limit_and_are_equally_frequent(int limit)
    {
        RandomSequence random = new(2, "whole numbers");
        int[] counts = new int[limit];
        for (int i = 0; i < Many; i++)
        {
            counts[random.NextInt(limit)]++;
        }

        double expected = (double)Many / limit;
        Assert.All(counts, count => Assert.InRange(count, expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected))));
    }

    private static ulong[] Take(RandomSequence random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next())];

    // The chi-square sums over 64 bins of the numbers, and of their digits after the sixth bit and the twelfth.
    private static double[] ChiSquares(Func<double> next)
    {
        int[][] counts = [new int[64], new int[64], new int[64]];
        for (int i = 0; i < Many; i++)
        {
            double value = next();
            Assert.InRange(value, 0, 1 - double.Epsilon);
            foreach (int[] digits in counts)
            {
                value *= 64;
                digits[(int)value]++;
                value -= (int)value;
            }
        }

        return [.. counts.Select(digits => digits.Sum(count => Math.Pow(count - (Many / 64.0), 2) / (Many / 64.0)))];
    }

    // With 63 degrees of freedom the sum is 63 +- 11; beyond these bounds lies less than one in 10^5.
    private static void IsLikely(double chiSquare) => Assert.InRange(chiSquare, 25, 118);
}
