using CMUNeXt.Networks;

namespace CMUNeXt.Tests.Networks;

public sealed class TurnsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    private readonly CancellationToken stop = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_that_wait_are_computed_in_the_order_of_arrival_and_those_that_leave_are_not()
    {
        using Turns turns = new(1, Long);
        using ManualResetEventSlim go = new();
        using SemaphoreSlim begun = new(0);
        Task<int> first = turns.RunAsync(() => Hold(begun, go), stop);
        await begun.WaitAsync(stop);

        List<int> computed = [];
        using CancellationTokenSource leaves = new();
        Task<int>[] waiting = [.. Enumerable.Range(1, 6).Select(i => turns.RunAsync(() => Add(i), i % 3 == 2 ? leaves.Token : stop))];
        await leaves.CancelAsync();
        foreach (int left in (int[])[2, 5])
        {
            OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting[left - 1]);
            Assert.Equal(leaves.Token, e.CancellationToken);
        }

        Assert.All((int[])[1, 3, 4, 6], i => Assert.False(waiting[i - 1].IsCompleted));
        Assert.Equal(1, turns.Taken);
        go.Set();
        Assert.Equal(7, await first);
        foreach (int i in (int[])[1, 3, 4, 6])
        {
            Assert.Equal(10 * i, await waiting[i - 1]);
        }

        Assert.Equal([1, 3, 4, 6], computed);
        AssertBecomesFree(turns);

        int Add(int i)
        {
            computed.Add(i);
            return 10 * i;
        }
    }

    [Fact]
    public void A_free_turn_computes_in_the_callers_thread()
    {
        using Turns turns = new(2, Long);
        Assert.Equal(Environment.CurrentManagedThreadId, turns.Run(0, static _ => Environment.CurrentManagedThreadId, stop));
        Assert.Equal(0, turns.Taken);
    }

    [Fact]
    public void Whoever_left_already_is_not_computed()
    {
        using Turns turns = new(1, Long);
        CancellationToken left = new(canceled: true);
        Assert.Throws<OperationCanceledException>(() => turns.Run(0, static _ => Fail(), left));
        Assert.Equal(0, turns.Taken);
    }

    [Fact]
    public void A_caller_that_waits_leaves_at_once_while_others_compute()
    {
        using Turns turns = new(1, Long);
        using ManualResetEventSlim go = new();
        using SemaphoreSlim begun = new(0);
        Thread computing = Start(() => turns.Run(0, _ => Hold(begun, go), stop));
        begun.Wait(stop);
        using CancellationTokenSource leaves = new(TimeSpan.FromMilliseconds(20));
        Assert.ThrowsAny<OperationCanceledException>(() => turns.Run(0, static _ => Fail(), leaves.Token));
        Assert.True(computing.IsAlive);
        go.Set();
        computing.Join();
        AssertBecomesFree(turns);
    }

    [Fact]
    public async Task A_caller_that_is_interrupted_while_it_waits_is_not_computed()
    {
        using Turns turns = new(1, Long);
        using ManualResetEventSlim go = new();
        using SemaphoreSlim begun = new(0);
        Task<int> first = turns.RunAsync(() => Hold(begun, go), stop);
        await begun.WaitAsync(stop);
        bool isInterrupted = false;
        int computed = 0;
        Thread caller = Start(() =>
        {
            ReadOnlySpan<int> onStack = [1];
            try
            {
                turns.Run(onStack, _ => ++computed, stop);
            }
            catch (ThreadInterruptedException)
            {
                isInterrupted = true;
            }
        });
        caller.Interrupt();
        caller.Join();
        Assert.True(isInterrupted);
        go.Set();
        await first;
        Assert.Equal(3, await turns.RunAsync(static () => 3, stop));
        AssertBecomesFree(turns);
        Assert.Equal(0, computed);
    }

    [Fact]
    public async Task A_caller_that_is_interrupted_while_it_is_computed_stays_until_that_has_ended()
    {
        using Turns turns = new(1, Long);
        using ManualResetEventSlim go = new();
        using ManualResetEventSlim goOn = new();
        using SemaphoreSlim begun = new(0);
        Task<int> first = turns.RunAsync(() => Hold(begun, go), stop);
        await begun.WaitAsync(stop);
        bool hasEnded = false;
        bool? hadEnded = null;
        Thread caller = Start(() =>
        {
            ReadOnlySpan<int> onStack = [1];
            try
            {
                turns.Run(onStack, view => hasEnded = Hold(begun, goOn) > view[0], stop);
            }
            catch (ThreadInterruptedException)
            {
                hadEnded = hasEnded;
            }
        });
        Assert.True(SpinWait.SpinUntil(() => caller.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromMinutes(1)));
        go.Set();
        await first;
        await begun.WaitAsync(stop);
        for (int i = 0; i < 3; i++)
        {
            caller.Interrupt();
            caller.Join(20);
        }

        goOn.Set();
        caller.Join();
        Assert.True(hadEnded);
        AssertBecomesFree(turns);
    }

    // What a caller views may lie on its stack, and move while it waits.
    [Fact]
    public void Many_callers_are_computed_on_few_threads_with_what_they_view()
    {
        const int Callers = 40;
        const int Most = 3;
        using Turns turns = new(Most, Long);
        HashSet<int> threads = [];
        HashSet<int> callers = [];
        (int now, int highest) = (0, 0);
        bool[] agree = new bool[Callers];
        using Barrier start = new(Callers);
        Thread[] all = [.. Enumerable.Range(0, Callers).Select(caller => Start(() =>
        {
            lock (callers)
            {
                callers.Add(Environment.CurrentManagedThreadId);
            }

            start.SignalAndWait(stop);
            bool isRight = true;
            for (int i = 0; i < 50; i++)
            {
                ReadOnlySpan<int> onStack = [caller, i];
                ReadOnlySpan<int> onHeap = new int[] { i, caller };
                isRight &= turns.Run(onStack, view => Multiply(view, 50), stop) == caller * 50;
                isRight &= turns.Run(onHeap, view => Multiply(view, 7), stop) == i * 7;
            }

            agree[caller] = isRight;
        }))];
        Array.ForEach(all, static thread => thread.Join());
        Assert.DoesNotContain(false, agree);
        Assert.InRange(highest, 1, Most);
        threads.ExceptWith(callers);
        Assert.InRange(threads.Count, 1, Most);
        AssertBecomesFree(turns);

        int Multiply(ReadOnlySpan<int> view, int factor)
        {
            lock (threads)
            {
                highest = Math.Max(highest, ++now);
                threads.Add(Environment.CurrentManagedThreadId);
            }

            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
            Thread.Yield();
            lock (threads)
            {
                now--;
            }

            return view[0] * factor;
        }
    }

    [Fact]
    public async Task A_failure_reaches_its_own_caller_and_the_next_is_computed()
    {
        using Turns turns = new(1, Long);
        using ManualResetEventSlim go = new();
        using SemaphoreSlim begun = new(0);
        Task<int> first = turns.RunAsync(() => Hold(begun, go), stop);
        await begun.WaitAsync(stop);
        using CancellationTokenSource unwanted = new();
        Task<int> failing = turns.RunAsync(Fail, stop);
        Task<int> stopping = turns.RunAsync<int>(() => throw new OperationCanceledException(unwanted.Token), stop);
        Task<int> last = turns.RunAsync(static () => 3, stop);
        go.Set();
        Assert.Equal(7, await first);
        Assert.Equal("fails", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
        Assert.Equal(unwanted.Token, (await Assert.ThrowsAsync<OperationCanceledException>(() => stopping)).CancellationToken);
        Assert.Equal(3, await last);
        Assert.Throws<InvalidOperationException>(() => turns.Run(0, static _ => Fail(), stop));
        await Assert.ThrowsAsync<InvalidOperationException>(() => turns.RunAsync(Fail, stop));
        AssertBecomesFree(turns);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Its_threads_end_when_they_have_rested_or_are_no_longer_needed(bool isDisposed)
    {
        Turns turns = new(1, isDisposed ? Long : TimeSpan.FromMilliseconds(1));
        for (int round = 0; round < 3; round++)
        {
            using ManualResetEventSlim go = new();
            using SemaphoreSlim begun = new(0);
            Task<int> first = turns.RunAsync(() => Hold(begun, go), stop);
            await begun.WaitAsync(stop);
            Task<Thread> next = turns.RunAsync(static () => Thread.CurrentThread, stop);
            go.Set();
            await first;
            Thread computed = await next;
            Assert.Equal("CMUNeXt calls", computed.Name);
            if (isDisposed)
            {
                turns.Dispose();
            }

            Assert.True(computed.Join(TimeSpan.FromMinutes(1)));
            if (isDisposed)
            {
                break;
            }
        }

        turns.Dispose();
    }

    [Fact]
    public async Task Where_the_system_gives_no_thread_the_pool_computes_those_who_wait()
    {
        using Turns turns = new(1, TimeSpan.FromMilliseconds(1), static (_, _) => false);
        using ManualResetEventSlim go = new();
        using SemaphoreSlim begun = new(0);
        Task<int> first = turns.RunAsync(() => Hold(begun, go), stop);
        await begun.WaitAsync(stop);
        Task<bool> next = turns.RunAsync(static () => Thread.CurrentThread.IsThreadPoolThread, stop);
        go.Set();
        Assert.Equal(7, await first);
        Assert.True(await next.WaitAsync(TimeSpan.FromMinutes(1), stop));
        AssertBecomesFree(turns);
    }

    [Fact]
    public async Task Who_waits_is_not_computed_in_the_context_of_the_caller_before()
    {
        using Turns turns = new(1, Long);
        using ManualResetEventSlim go = new();
        using SemaphoreSlim begun = new(0);
        AsyncLocal<string?> context = new() { Value = "the first caller's" };
        Task<int> first = turns.RunAsync(() => Hold(begun, go), stop);
        await begun.WaitAsync(stop);
        Task<string?> next = turns.RunAsync<string?>(() => context.Value, stop);
        go.Set();
        Assert.Equal(7, await first);
        Assert.Null(await next);
    }

    private static int Hold(SemaphoreSlim begun, ManualResetEventSlim go)
    {
        begun.Release();
        go.Wait();
        return 7;
    }

    private static int Fail() => throw new InvalidOperationException("fails");

    private static Thread Start(ThreadStart work)
    {
        Thread thread = new(work);
        thread.Start();
        return thread;
    }

    // A thread gives its turn up after it has answered its last caller.
    private static void AssertBecomesFree(Turns turns) =>
        Assert.True(SpinWait.SpinUntil(() => turns.Taken == 0, TimeSpan.FromMinutes(1)));
}
