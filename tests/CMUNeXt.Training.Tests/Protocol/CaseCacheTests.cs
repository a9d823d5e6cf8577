using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class CaseCacheTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Cases_are_kept_up_to_the_limit_and_read_again_beyond_it()
    {
        // Each case is 3 x 2 pixels of image and as many of mask.
        folder.WriteCase("a", 1, 2, 3);
        folder.WriteCase("b", 4, 5, 6);
        folder.WriteCase("c", 7, 8, 9);
        IReadOnlyList<Case> cases = DataSet.Open(folder.Path).Cases;
        CaseCache cache = new(limit: 24);
        LoadedCase[] first = [.. cases.Select(cache.Load)];
        LoadedCase[] second = [.. cases.Select(cache.Load)];

        Assert.Same(first[0], second[0]);
        Assert.Same(first[1], second[1]);
        Assert.NotSame(first[2], second[2]);
        Assert.Equal([7, 8, 9, 7, 8, 9], second[2].Image.Pixels);
    }

    [Fact]
    public void All_processes_of_a_host_keep_no_more_than_a_quarter_of_its_memory()
    {
        const int Processes = 1000;
        Assert.InRange(Processes * CaseCache.LimitFor(Processes), 1, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
        Assert.InRange(CaseCache.LimitFor(1), CaseCache.LimitFor(Processes), 4L << 30);
    }
}
