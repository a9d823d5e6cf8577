namespace CMUNeXt.Files.Tests;

public sealed class FolderLockTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmunext").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_folder_is_had_by_one_at_a_time_and_nothing_is_left_in_it()
    {
        string inner = Path.Combine(folder, "new");
        using (FolderLock.Take(inner))
        {
            BadFileException e = Assert.Throws<BadFileException>(() => FolderLock.Take(inner));
            Assert.Equal(inner, e.Path);
            Assert.Contains("another process writes here", e.Message, StringComparison.Ordinal);
            using FolderLock other = FolderLock.Take(folder);
        }

        FolderLock.Take(inner).Dispose();
        Assert.Empty(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Who_waits_has_the_folder_after_the_other()
    {
        FolderLock first = FolderLock.Take(folder);
        Assert.Null(FolderLock.TryTake(folder));
        Assert.Null(FolderLock.TryTake(folder, TimeSpan.FromMilliseconds(1)));
        using CancellationTokenSource stop = new();
        Task<FolderLock?> ended = Task.Run(() => FolderLock.TryTake(folder, Timeout.InfiniteTimeSpan, stop.Token));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended);
        Task<FolderLock?> second = Task.Run(() => FolderLock.TryTake(folder, Timeout.InfiniteTimeSpan));
        first.Dispose();
        using FolderLock? taken = await second;
        Assert.NotNull(taken);
        Assert.Null(FolderLock.TryTake(folder));
    }

    [Fact]
    public void What_a_killed_process_left_is_no_hindrance()
    {
        File.WriteAllText(Path.Combine(folder, "cmunext.lock"), "");
        using FolderLock taken = FolderLock.Take(folder);
        Assert.Throws<BadFileException>(() => FolderLock.Take(folder));
    }
}
