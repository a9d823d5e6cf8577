using System.Collections.Concurrent;

namespace CMUNeXt.Imaging.Tests;

public sealed class ImagePipelineTests
{
    [Fact]
    public void Without_a_core_nothing_is_begun() => Assert.Throws<ArgumentOutOfRangeException>(
        () => ImagePipeline.Run([1], 0, static (item, _) => item, TestContext.Current.CancellationToken));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Results_come_in_order_whatever_order_they_are_made_in(int cores)
    {
        int computing = 0;
        int most = 0;
        int begun = 0;
        int ahead = 0;
        int[] results = [.. ImagePipeline.Run(
            Enumerable.Range(0, 200).Select(Begin),
            cores,
            (item, shared) =>
            {
                Thread.Sleep(item % 3);
                return shared.Use(() => Compute(item), CancellationToken.None);
            },
            CancellationToken.None).Select(Next)];
        Assert.Equal(Enumerable.Range(0, 200).Select(item => item * item), results);
        Assert.InRange(most, 1, cores);
        Assert.InRange(ahead, 1, 6 * cores);

        int Begin(int item)
        {
            begun++;
            return item;
        }

        int Compute(int item)
        {
            int now = Interlocked.Increment(ref computing);
            Raise(ref most, now);
            Thread.Sleep((item * 7) % 4);
            Interlocked.Decrement(ref computing);
            return item * item;
        }

        int Next(Task<int> task, int delivered)
        {
            ahead = Math.Max(ahead, begun - delivered);
            Assert.True(task.IsCompletedSuccessfully);
            return task.Result;
        }
    }

    [Fact]
    public void No_more_threads_compute_than_there_are_cores_however_many_images_are_under_way()
    {
        ConcurrentDictionary<int, bool> threads = [];
        Task<bool>[] tasks = [.. ImagePipeline.Run(
            Enumerable.Range(0, 100), 2,
            (_, cores) => cores.Use(() => threads[Environment.CurrentManagedThreadId] = true, CancellationToken.None),
            CancellationToken.None)];
        Assert.All(tasks, task => Assert.True(task.IsCompletedSuccessfully));
        Assert.InRange(threads.Count, 1, 2);
    }

    [Fact]
    public void What_a_core_throws_is_the_image_s_own()
    {
        Task<int>[] tasks = [.. ImagePipeline.Run(
            Enumerable.Range(0, 20), 2, (item, cores) => cores.Use(
                () => item == 7 ? throw new InvalidDataException("seven") : item, CancellationToken.None), CancellationToken.None)];
        Assert.Equal("seven", Assert.IsType<InvalidDataException>(tasks[7].Exception!.InnerException).Message);
        Assert.All(tasks.Where((_, i) => i != 7), task => Assert.True(task.IsCompletedSuccessfully));
    }

    [Fact]
    public void What_one_image_throws_is_its_own()
    {
        Task<int>[] tasks = [.. ImagePipeline.Run(
            Enumerable.Range(0, 20), 2, (item, _) => item == 7 ? throw new InvalidDataException("seven") : item, CancellationToken.None)];
        Assert.Equal("seven", Assert.IsType<InvalidDataException>(tasks[7].Exception!.InnerException).Message);
        Assert.All(tasks.Where((_, i) => i != 7), task => Assert.True(task.IsCompletedSuccessfully));
    }

    [Fact]
    public async Task After_cancellation_nothing_is_begun_and_what_is_under_way_comes_to_its_end()
    {
        using CancellationTokenSource stop = new();
        int begun = 0;
        int ended = 0;
        List<Task<int>> tasks = [.. ImagePipeline.Run(
            Enumerable.Range(0, 1000),
            2,
            (item, _) =>
            {
                Interlocked.Increment(ref begun);
                if (item == 10)
                {
                    stop.Cancel();
                }

                Thread.Sleep(1);
                Interlocked.Increment(ref ended);
                return item;
            },
            stop.Token)];
        Assert.Equal(begun, ended);
        Assert.InRange(tasks.Count, 11, 40);
        Assert.Equal(begun, tasks.Count(task => task.IsCompletedSuccessfully));
        Assert.All(tasks, task => Assert.True(task.IsCompletedSuccessfully || task.IsCanceled));
        Assert.Equal(10, await tasks[10]);
    }

    [Fact]
    public async Task Whoever_leaves_early_finds_no_work_under_way()
    {
        int working = 0;
        foreach (Task<int> first in ImagePipeline.Run(Enumerable.Range(0, 100), 3, (item, _) => Work(item), CancellationToken.None))
        {
            Assert.Equal(0, await first);
            break;
        }

        Assert.Equal(0, working);

        int Work(int item)
        {
            Interlocked.Increment(ref working);
            Thread.Sleep(2);
            Interlocked.Decrement(ref working);
            return item;
        }
    }

    [Fact]
    public void Whoever_leaves_early_does_not_wait_for_images_that_are_not_begun()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        ManualResetEventSlim go = new();
        int begun = 0;
        foreach (Task<int> _ in ImagePipeline.Run(Images(), 1, (item, _) => Work(item), CancellationToken.None))
        {
            break;
        }

        // The first, and one for each of three threads; six were taken.
        Assert.InRange(begun, 1, 4);

        int Work(int item)
        {
            Interlocked.Increment(ref begun);
            if (item > 0)
            {
                go.Wait(stop);
            }

            return item;
        }

        // What is begun ends only after the caller has left.
        IEnumerable<int> Images()
        {
            try
            {
                for (int i = 0; i < 100; i++)
                {
                    yield return i;
                }
            }
            finally
            {
                _ = Task.Delay(200, stop).ContinueWith(_ => go.Set(), stop, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    private static void Raise(ref int most, int now)
    {
        for (int seen = Volatile.Read(ref most); seen < now; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, now, seen);
        }
    }
}
