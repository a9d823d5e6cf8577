using CMUNeXt.Cli.Options;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>The cases of a benchmark: every network at every size, batch and number of threads.</summary>
internal static class BenchmarkCases
{
    private const int MaximumSize = 4096;
    private const int MaximumBatch = 256;

    // All images of a batch are one array.
    private const int MaximumPixels = 1 << 28;

    /// <summary>Combines what is asked for.</summary>
    /// <param name="networks">The networks.</param>
    /// <param name="weights">Their weight file; null for weights by formula.</param>
    /// <param name="sizes">Heights and widths; null takes each network's own.</param>
    /// <param name="batches">Images in a call.</param>
    /// <param name="threads">Numbers of threads.</param>
    /// <param name="sizesOption">The option that the sizes come from.</param>
    /// <exception cref="UsageException">A number is out of its range, or a network does not take a size.</exception>
    public static BenchmarkCase[] Of(
        IReadOnlyList<NetworkDescription> networks, string? weights, int[]? sizes, int[] batches, int[] threads,
        string sizesOption = "--sizes")
    {
        Check(
            "--threads",
            threads,
            static count => count is >= 1 and <= CommonOptions.MaximumThreads,
            $"from 1 to {CommonOptions.MaximumThreads}");
        Check(sizesOption, sizes ?? [], static size => size <= MaximumSize, $"at most {MaximumSize}");
        Check("--batch", batches, static batch => batch is >= 1 and <= MaximumBatch, $"from 1 to {MaximumBatch}");
        BenchmarkCase[] cases = [.. from network in networks
                                    from size in sizes ?? [NetworkCatalog.SizeOf(network.Name).Default]
                                    from batch in batches
                                    from count in threads
                                    select new BenchmarkCase(network.Name, weights, count, size, batch)];
        foreach (BenchmarkCase one in cases)
        {
            if (NetworkCatalog.SizeOf(one.Model).FindFault(one.Size, one.Size) is { } fault)
            {
                throw new UsageException($"{sizesOption}: {one.Size} is not possible for {one.Model}: {fault}");
            }

            if ((long)one.Batch * one.Size * one.Size > MaximumPixels)
            {
                throw new UsageException($"a batch of {one.Batch} images of {one.Size} x {one.Size} is too large");
            }
        }

        return cases;
    }

    /// <summary>The networks of names.</summary>
    /// <exception cref="UsageException">There is no such network.</exception>
    public static IReadOnlyList<NetworkDescription> Networks(IEnumerable<string> names)
    {
        string[] all = [.. names];
        CheckNames("--models", all, NetworkCatalog.Names);
        return [.. all.Select(model => NetworkCatalog.Describe(model))];
    }

    /// <summary>Refuses names that are not known.</summary>
    /// <exception cref="UsageException">One is not.</exception>
    public static void CheckNames(string option, string[] names, IReadOnlyCollection<string> known)
    {
        if (names.FirstOrDefault(name => !known.Contains(name)) is { } unknown)
        {
            throw new UsageException($"{option}: there is no '{unknown}'; there are {string.Join(", ", known)}");
        }
    }

    private static void Check(string option, int[] values, Func<int, bool> isValid, string rule)
    {
        if (values.Where(value => !isValid(value)).Take(1).ToArray() is [int wrong])
        {
            throw new UsageException($"{option}: {wrong} is not {rule}");
        }
    }
}
