using CMUNeXt.Server.Serving;

namespace CMUNeXt.Server.Tests;

/// <summary>The queue is bounded; what nobody waits for leaves it uncomputed.</summary>
public sealed class QueueTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_more_than_fits_is_refused_with_the_time_until_there_is_room()
    {
        using ServerMetrics metrics = new();
        using SegmentationQueue queue = new(workers: 2, queueLimit: 3, metrics);
        using ManualResetEventSlim open = new();
        Task<int>[] accepted = [.. Enumerable.Range(0, 5).Select(i => queue.Run(1, _ => Wait(open, i), Stop))];
        await Assert.ThrowsAsync<BusyException>(() => queue.Run(1, _ => 0, Stop));
        TimeSpan? wait = queue.RefuseIfFull();
        open.Set();

        // Five of 50 ms, which is what a first one is taken for, by two workers.
        Assert.Equal(TimeSpan.FromSeconds(0.125), wait);
        int[] values = await Task.WhenAll(accepted);
        Assert.Equal([0, 1, 2, 3, 4], values);
        Assert.Equal(7, await queue.Run(1, _ => 7, Stop));
    }

    [Fact]
    public async Task Cancelled_work_leaves_the_queue_at_once_and_is_never_done()
    {
        using ServerMetrics metrics = new();
        using SegmentationQueue queue = new(workers: 1, queueLimit: 100, metrics);
        using ManualResetEventSlim open = new();
        Task<int> first = queue.Run(1, _ => Wait(open, 1), Stop);
        using CancellationTokenSource gone = new();
        int done = 0;
        Task<int>[] waiting = [.. Enumerable.Range(0, 100).Select(_ => queue.Run(1, _ => ++done, gone.Token))];
        await Assert.ThrowsAsync<BusyException>(() => queue.Run(1, _ => 0, Stop));
        await gone.CancelAsync();
        foreach (Task<int> task in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
        }

        // Their places are free, though the worker is still busy.
        Task<int> next = queue.Run(1, _ => 2, Stop);
        open.Set();
        int[] values = await Task.WhenAll(first, next);
        Assert.Equal([1, 2], values);
        Assert.Equal(0, done);
    }

    [Fact]
    public async Task Of_cancelled_work_nothing_is_kept_though_every_worker_is_busy()
    {
        using ServerMetrics metrics = new();
        using SegmentationQueue queue = new(workers: 1, queueLimit: 10, metrics);
        using ManualResetEventSlim open = new();
        Task<int> first = queue.Run(1, _ => Wait(open, 1), Stop);
        WeakReference image = await Leave(queue);

        // What goes on at once would stand on the stack of what it waited for.
        await Task.Yield();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        bool isKept = image.IsAlive;
        open.Set();
        Assert.Equal(1, await first);
        Assert.False(isKept);
    }

    // In a method of its own, whose locals are gone when it returns.
    private static async Task<WeakReference> Leave(SegmentationQueue queue)
    {
        byte[] image = new byte[1 << 20];
        using CancellationTokenSource gone = new();
        Task<int> waiting = queue.Run(1, _ => image.Length, gone.Token);
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        return new WeakReference(image);
    }

    [Fact]
    public async Task Many_images_of_one_request_take_one_worker_and_the_others_go_on()
    {
        using ServerMetrics metrics = new();
        using SegmentationQueue queue = new(workers: 2, queueLimit: 32, metrics);
        using ManualResetEventSlim open = new();
        TaskCompletionSource begun = new();
        Task<int> form = queue.Run(64, _ =>
        {
            begun.SetResult();
            return Wait(open, 64);
        }, Stop);
        await begun.Task;
        Assert.Null(queue.RefuseIfFull());

        // Each image 50 ms, one after the other, though the other worker is idle.
        Assert.Equal(TimeSpan.FromSeconds(3.2), queue.TimeAhead);
        Assert.Equal(1, await queue.Run(1, _ => 1, Stop));
        open.Set();
        Assert.Equal(64, await form);
    }

    [Fact]
    public async Task Nobody_is_sent_away_for_longer_than_ten_seconds()
    {
        using ServerMetrics metrics = new();
        using SegmentationQueue queue = new(workers: 1, queueLimit: 1, metrics);
        using ManualResetEventSlim open = new();
        Task<int> form = queue.Run(1000, _ => Wait(open, 1), Stop);

        // Fifty seconds, by what a first image is taken for.
        TimeSpan ahead = queue.TimeAhead;
        open.Set();
        Assert.Equal(TimeSpan.FromSeconds(10), ahead);
        Assert.Equal(1, await form);
    }

    // As one does that draws: no token stops it.
    [Fact]
    public async Task A_worker_that_does_not_end_is_left_behind_when_the_time_to_drain_is_over()
    {
        using ServerMetrics metrics = new();
        SegmentationQueue queue = new(workers: 2, queueLimit: 1, metrics);
        using ManualResetEventSlim open = new();
        Task<int> endless = queue.Run(1, _ => Wait(open, 1), Stop);
        queue.Drain(TimeSpan.FromMilliseconds(50));
        await Task.Run(queue.Dispose).WaitAsync(TimeSpan.FromMinutes(5), Stop);
        Assert.False(endless.IsCompleted);
        open.Set();
        Assert.Equal(1, await endless);
    }

    [Fact]
    public async Task A_failure_is_that_works_own()
    {
        using ServerMetrics metrics = new();
        using SegmentationQueue queue = new(workers: 1, queueLimit: 1, metrics);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => queue.Run<int>(1, _ => throw new InvalidTimeZoneException(), Stop));
        Assert.Equal(3, await queue.Run(1, _ => 3, Stop));
    }

    private static int Wait(ManualResetEventSlim open, int value)
    {
        open.Wait(Stop);
        return value;
    }
}
