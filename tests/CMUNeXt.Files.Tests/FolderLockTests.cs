using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class FolderLockTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_is_had_by_one_at_a_time_and_nothing_is_left_in_it()
    {
        string inner = folder.File("new");
        using (FolderLock.Take(inner))
        {
            BadFileException e = Assert.Throws<BadFileException>(() => FolderLock.Take(inner));
            Assert.Equal(inner, e.Path);
            Assert.Contains("another process writes here", e.Message, StringComparison.Ordinal);
            using FolderLock other = FolderLock.Take(folder.Path);
        }

        FolderLock.Take(inner).Dispose();
        Assert.Empty(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Who_waits_has_the_folder_after_the_other()
    {
        FolderLock first = FolderLock.Take(folder.Path);
        Assert.Null(FolderLock.TryTake(folder.Path));
        Assert.Null(FolderLock.TryTake(folder.Path, TimeSpan.FromMilliseconds(1)));
        using CancellationTokenSource stop = new();
        Task<FolderLock?> ended = Task.Run(() => FolderLock.TryTake(folder.Path, Timeout.InfiniteTimeSpan, stop.Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended);
        Task<FolderLock?> second = Task.Run(() => FolderLock.TryTake(folder.Path, Timeout.InfiniteTimeSpan));
        first.Dispose();
        using FolderLock? taken = await second;
        Assert.NotNull(taken);
        Assert.Null(FolderLock.TryTake(folder.Path));
    }

    [Fact]
    public void What_a_killed_process_left_is_no_hindrance()
    {
        File.WriteAllText(folder.File("cmunext.lock"), "");
        using FolderLock taken = FolderLock.Take(folder.Path);
        Assert.Throws<BadFileException>(() => FolderLock.Take(folder.Path));
    }
}
