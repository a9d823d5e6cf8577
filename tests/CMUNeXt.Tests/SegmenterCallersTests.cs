using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CMUNeXt.Images;
using CMUNeXt.Networks;

namespace CMUNeXt.Tests;

/// <summary>Many callers of one segmenter, and a stream of images.</summary>
public sealed class SegmenterCallersTests
{
    private static readonly Preprocessing Small = Preprocessing.Published with { Width = 32, Height = 16 };

    [Fact]
    public async Task Callers_that_wait_for_their_turn_are_no_more_than_said_at_once_and_find_the_same()
    {
        // Without turns as many would compute as there are threads.
        const int Most = 3;
        const int Calls = 24;
        CancellationToken stop = TestContext.Current.CancellationToken;
        (int computing, int most) = (0, 0);
        Lock gate = new();
        using FakeNetwork network = new(3, 1, turns: new Turns(Most, TimeSpan.FromSeconds(10)), compute: Find);
        using FakeNetwork alone = new(3, 1, compute: input => input[..(32 * 16)]);
        Segmenter segmenter = new(network, Small);
        Image image = new(64, 48, 1, [.. Enumerable.Range(0, 64 * 48).Select(i => (byte)(i % 64 * 4))]);
        byte[] expected = new Segmenter(alone, Small).Segment(image, stop).Mask.Pixels;
        Assert.Contains((byte)1, expected);
        ThreadPool.GetMinThreads(out int before, out int completion);
        ThreadPool.SetMinThreads(Math.Max(before, Calls + 8), completion);
        try
        {
            Segmentation[] found = await Task.WhenAll(Enumerable.Range(0, Calls).Select(i =>
                i % 2 == 0 ? segmenter.SegmentAsync(image, stop) : Task.Run(() => segmenter.Segment(image), stop)));
            Assert.All(found, segmentation => Assert.Equal(expected, segmentation.Mask.Pixels));
        }
        finally
        {
            ThreadPool.SetMinThreads(before, completion);
        }

        Assert.Equal(Most, most);

        float[] Find(float[] input)
        {
            lock (gate)
            {
                most = Math.Max(most, ++computing);
            }

            // Each waits until as many compute as may. Without turns more would come meanwhile.
            Wait.Until("call in every turn", () => Volatile.Read(ref most) >= Most);
            Thread.Sleep(20);
            lock (gate)
            {
                computing--;
            }

            return input[..(32 * 16)];
        }
    }

    [Fact]
    public async Task A_caller_that_leaves_while_it_waits_is_not_computed()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using SemaphoreSlim begun = new(0);
        using SemaphoreSlim go = new(0);
        int computed = 0;
        using FakeNetwork network = new(3, 1, turns: new Turns(1, TimeSpan.FromSeconds(10)), compute: input =>
        {
            begun.Release();
            go.Wait(stop);
            computed++;
            return new float[32 * 16];
        });
        Segmenter segmenter = new(network, Small);
        Image image = new(64, 48, 1, new byte[64 * 48]);
        using CancellationTokenSource leaves = new();
        Task first = segmenter.SegmentAsync(image, stop);
        await begun.WaitAsync(stop);
        Task leaving = segmenter.SegmentAsync(image, leaves.Token);
        Task last = segmenter.SegmentAsync(image, stop);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => segmenter.SegmentAsync(image, leaves.Token));
        Assert.Throws<OperationCanceledException>(() => segmenter.Segment(image, leaves.Token));
        go.Release(2);
        await first;
        await last;
        Assert.Equal(2, computed);
    }

    [Fact]
    public async Task Many_images_are_segmented_in_their_order_and_none_is_under_way_when_the_caller_leaves()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        int taken = 0;
        int computing = 0;
        using FakeNetwork network = new(3, 1, compute: input =>
        {
            Interlocked.Increment(ref computing);
            Thread.Sleep((int)(input[0] * 1000) & 3);
            Interlocked.Decrement(ref computing);
            return [.. Enumerable.Repeat(input[0], 32 * 16)];
        });
        Segmenter segmenter = new(network, Small, 0);
        List<double> found = [];
        await foreach (Segmentation segmentation in segmenter.SegmentAsync(Images(), stop))
        {
            found.Add(segmentation.Presence);
            Assert.InRange(taken, found.Count, found.Count + Environment.ProcessorCount);
        }

        // A double has no more to do than to segment one image.
        ISegmenter doubled = new Double();
        Assert.Equal(50, await doubled.SegmentAsync(Images(), stop).CountAsync(stop));

        Assert.Equal(50, found.Count);
        Assert.Equal(found.Order(), found);
        Assert.Equal(50, found.Distinct().Count());
        await foreach (Segmentation _ in segmenter.SegmentAsync(Images(), stop))
        {
            break;
        }

        Assert.Equal(0, computing);

        async IAsyncEnumerable<Image> Images()
        {
            taken = 0;
            for (int i = 0; i < 50; i++)
            {
                await Task.Yield();
                taken++;
                yield return new Image(8, 8, 1, [.. Enumerable.Repeat((byte)(4 * i), 64)]);
            }
        }
    }

    // By the pool, where a window's own thread asks.
    [Fact]
    public async Task A_source_that_decodes_is_not_run_by_the_thread_that_asks()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        List<bool> areOfPool = [];
        await using IAsyncEnumerator<Segmentation> found =
            ((ISegmenter)new Double()).SegmentAsync(Images(), stop).GetAsyncEnumerator(stop);
        Task<bool>? first = null;
        Thread caller = new(() => first = found.MoveNextAsync().AsTask());
        caller.Start();
        caller.Join();
        Assert.True(await first!);
        Assert.True(await found.MoveNextAsync());
        Assert.False(await found.MoveNextAsync());
        Assert.Equal([true, true, true], areOfPool);

        // It never waits.
        async IAsyncEnumerable<Image> Images()
        {
            for (int i = 0; i < 2; i++)
            {
                areOfPool.Add(Thread.CurrentThread.IsThreadPoolThread);
                yield return new Image(8, 8, 1, new byte[64]);
            }

            areOfPool.Add(Thread.CurrentThread.IsThreadPoolThread);
            await Task.CompletedTask;
        }
    }

    [Fact]
    public async Task Where_a_source_fails_the_images_before_have_their_results()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Double doubled = new() { Before = _ => failed.Task };
        int found = 0;
        await Assert.ThrowsAsync<EndOfStreamException>(async () =>
        {
            await foreach (Segmentation _ in ((ISegmenter)doubled).SegmentAsync(Images(), stop))
            {
                found++;
            }
        });
        Assert.Equal(1, found);

        // The first result is there only after the failure.
        async IAsyncEnumerable<Image> Images()
        {
            yield return new Image(8, 8, 1, new byte[64]);
            await Task.Yield();
            _ = Task.Delay(50, stop).ContinueWith(_ => failed.SetResult(), stop, TaskContinuationOptions.None, TaskScheduler.Default);
            throw new EndOfStreamException();
        }
    }

    [Fact]
    public async Task A_source_may_wait_for_the_result_of_one_image_before_it_gives_the_next()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using FakeNetwork network = new(3, 1, compute: input => [.. Enumerable.Repeat(input[0], 32 * 16)]);
        Segmenter segmenter = new(network, Small, 0);
        Channel<int> answers = Channel.CreateUnbounded<int>();
        Task<int> all = Count();
        Assert.Equal(5, await all.WaitAsync(TimeSpan.FromMinutes(1), stop));

        async Task<int> Count()
        {
            int found = 0;
            await foreach (Segmentation _ in segmenter.SegmentAsync(Images(), stop))
            {
                answers.Writer.TryWrite(++found);
            }

            return found;
        }

        async IAsyncEnumerable<Image> Images()
        {
            for (int i = 1; i <= 5; i++)
            {
                yield return new Image(8, 8, 1, new byte[64]);
                Assert.Equal(i, await answers.Reader.ReadAsync(stop));
            }
        }
    }

    [Fact]
    public async Task Who_leaves_is_not_held_by_a_source_that_waits_and_the_source_is_told()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using FakeNetwork network = new(3, 1, compute: input => [.. Enumerable.Repeat(input[0], 32 * 16)]);
        Segmenter segmenter = new(network, Small, 0);
        TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Leave().WaitAsync(TimeSpan.FromMinutes(1), stop);
        Assert.False(ended.Task.IsCompleted);
        next.SetResult();
        Assert.True(await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), stop));

        async Task Leave()
        {
            await foreach (Segmentation _ in segmenter.SegmentAsync(Images(), stop))
            {
                break;
            }
        }

        async IAsyncEnumerable<Image> Images([EnumeratorCancellation] CancellationToken left = default)
        {
            try
            {
                yield return new Image(8, 8, 1, new byte[64]);
                await next.Task;
                yield return new Image(8, 8, 1, new byte[64]);
            }
            finally
            {
                ended.SetResult(left.IsCancellationRequested);
            }
        }
    }

    [Fact]
    public async Task Who_leaves_is_not_held_by_images_that_are_under_way()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "With one core no two images are under way.");
        CancellationToken stop = TestContext.Current.CancellationToken;
        int called = 0;
        int ended = 0;
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Double doubled = new() { Before = Before };
        await Leave().WaitAsync(TimeSpan.FromMinutes(1), stop);
        Assert.Equal(2, called);
        Assert.Equal(1, ended);

        async Task Leave()
        {
            await foreach (Segmentation _ in ((ISegmenter)doubled).SegmentAsync(Images(), stop))
            {
                break;
            }
        }

        // The first is there once the second is under way, and that is never.
        async Task Before(CancellationToken cancellation)
        {
            if (++called == 1)
            {
                await second.Task;
                return;
            }

            second.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended++;
            }
        }

        async IAsyncEnumerable<Image> Images()
        {
            yield return new Image(8, 8, 1, new byte[64]);
            yield return new Image(8, 8, 1, new byte[64]);
            await second.Task;
        }
    }

    [Theory]
    [InlineData("source")]
    [InlineData("deaf source")]
    [InlineData("segmenter")]
    public async Task Whatever_is_waited_for_the_callers_own_token_ends_it(string waiting)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using CancellationTokenSource own = new();
        TaskCompletionSource never = new();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Double doubled = new() { Before = Before };
        Task counting = ((ISegmenter)doubled).SegmentAsync(Images(), own.Token).CountAsync(own.Token).AsTask();
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), stop);
        await own.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => counting.WaitAsync(TimeSpan.FromMinutes(1), stop));
        Assert.Equal(own.Token, e.CancellationToken);

        async Task Before(CancellationToken cancellation)
        {
            if (waiting == "segmenter")
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            }
        }

        async IAsyncEnumerable<Image> Images([EnumeratorCancellation] CancellationToken left = default)
        {
            yield return new Image(8, 8, 1, new byte[64]);
            if (waiting != "segmenter")
            {
                begun.SetResult();
                await (waiting == "source" ? never.Task.WaitAsync(left) : never.Task);
            }
        }
    }

    private sealed class Double : ISegmenter
    {
        public Func<CancellationToken, Task>? Before { get; init; }

        public Segmentation Segment(PixelBuffer pixels, CancellationToken cancellation = default) =>
            Segmentation.FromProbability(pixels.Width, pixels.Height, new float[pixels.Width * pixels.Height]);

        public Segmentation Segment(Image image, CancellationToken cancellation = default) => Segment(new PixelBuffer(image), cancellation);

        public async Task<Segmentation> SegmentAsync(Image image, CancellationToken cancellation = default)
        {
            await (Before?.Invoke(cancellation) ?? Task.CompletedTask);
            return Segment(image, cancellation);
        }
    }
}
