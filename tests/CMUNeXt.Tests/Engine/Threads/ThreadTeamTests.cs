using System.Collections.Concurrent;
using CMUNeXt.Engine.Threads;

namespace CMUNeXt.Tests.Engine.Threads;

public sealed unsafe class ThreadTeamTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1024)]
    public void Every_task_is_done_exactly_once(int threads)
    {
        using ThreadTeam team = new(threads);
        using StepRunner runner = new(team, scratchSize: 1);
        for (int tasks = 0; tasks <= 50; tasks++)
        {
            CountingStep step = new(tasks) { Name = "counts" };
            for (int time = 1; time <= 2; time++)
            {
                runner.Run(step);
                Assert.All(step.Times, times => Assert.Equal(time, times));
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Threads_that_sleep_are_woken(int threads)
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "With one core there are no threads to help.");
        Thread own = Thread.CurrentThread;
        using ThreadTeam team = new(threads);
        using StepRunner runner = new(team, scratchSize: 1);
        Thread? helper = null;
        Wait.Until("help", () => (helper = Helpers().FirstOrDefault()) is not null);
        for (int time = 1; time <= 3; time++)
        {
            Wait.Until("sleep", () => helper!.ThreadState.HasFlag(ThreadState.WaitSleepJoin));

            // The same thread: without a rest none ends, so that none is to take its place.
            Wait.Until("help of the thread that slept", () => Helpers().Contains(helper!));
        }

        // Whether a helper comes before the caller has done all is left to chance.
        IEnumerable<Thread> Helpers()
        {
            CountingStep step = new(5000) { Name = "counts" };
            runner.Run(step);
            Assert.All(step.Times, times => Assert.Equal(1, times));
            return step.Threads.Keys.Where(thread => thread != own);
        }
    }

    [Fact]
    public void There_are_no_more_threads_than_cores()
    {
        using ThreadTeam team = new(64 * Environment.ProcessorCount);
        using StepRunner runner = new(team, scratchSize: 1);
        CountingStep step = new(5000) { Name = "counts" };
        runner.Run(step);
        Assert.InRange(step.Threads.Count, 1, Environment.ProcessorCount);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void No_two_tasks_at_a_time_work_in_the_same_scratch(int threads)
    {
        using ThreadTeam team = new(threads);
        using StepRunner runner = new(team, scratchSize: 1);
        CountingStep step = new(500) { Name = "counts" };
        runner.Run(step);
        Assert.Equal(0, step.Disturbed);
    }

    [Fact]
    public void Callers_at_once_have_each_of_their_tasks_done_once_and_share_threads()
    {
        const int Callers = 4;
        int computing = 0;
        using ThreadTeam team = new(threads: 3, () => computing);
        CountingStep[] steps = [.. Enumerable.Range(0, Callers).Select(_ => new CountingStep(50) { Name = "counts" })];
        Thread[] callers = [.. steps.Select(step => new Thread(() =>
        {
            using StepRunner runner = new(team, scratchSize: 1);
            for (int time = 0; time < 200; time++)
            {
                Interlocked.Increment(ref computing);
                runner.Run(step);
                Interlocked.Decrement(ref computing);
            }
        }))];
        Array.ForEach(callers, caller => caller.Start());
        Array.ForEach(callers, caller => caller.Join());
        Assert.All(steps, step => Assert.All(step.Times, times => Assert.Equal(200, times)));
        Assert.All(steps, step => Assert.Equal(0, step.Disturbed));

        // The callers' own threads, and helpers for one caller at most on all other cores.
        Assert.InRange(steps.SelectMany(step => step.Threads.Keys).Distinct().Count(), Callers, Callers + Environment.ProcessorCount - 1);
    }

    [Fact]
    public void A_thread_that_rested_ends_and_another_takes_its_place()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "With one core there are no threads to help.");
        CancellationToken stop = TestContext.Current.CancellationToken;
        Thread own = Thread.CurrentThread;
        int computing = 1;
        using ThreadTeam team = new(threads: 2, () => computing, rest: TimeSpan.FromMilliseconds(1));
        using StepRunner runner = new(team, scratchSize: 1);
        HashSet<Thread> helpers = [];
        while (helpers.Count < 3)
        {
            stop.ThrowIfCancellationRequested();
            CountingStep step = new(5000) { Name = "counts" };
            computing = 1;
            runner.Run(step);
            computing = 0;
            helpers.UnionWith(step.Threads.Keys.Where(thread => thread != own));
            Assert.All(step.Times, times => Assert.Equal(1, times));
            Thread.Sleep(20);
        }
    }

    [Fact]
    public void A_caller_that_is_interrupted_stays_until_its_helpers_are_done()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "With one core there are no threads to help.");
        using ThreadTeam team = new(threads: 2);
        using StepRunner runner = new(team, scratchSize: 1);
        using ManualResetEventSlim begun = new();
        using ManualResetEventSlim go = new();
        bool hasEnded = false;
        bool? hadEnded = null;
        Thread? caller = null;
        caller = new Thread(() =>
        {
            try
            {
                while (!begun.IsSet)
                {
                    runner.Run(new SharedStep(Work) { Name = "shared" });
                }
            }
            catch (ThreadInterruptedException)
            {
                hadEnded = hasEnded;
            }
        });
        caller.Start();
        Assert.True(begun.Wait(Longest, TestContext.Current.CancellationToken));
        for (int i = 0; i < 3; i++)
        {
            caller.Interrupt();
            caller.Join(20);
        }

        go.Set();
        caller.Join();
        Assert.True(hadEnded);

        // The caller gives a helper time to come, and has nothing left to do then.
        void Work()
        {
            if (Thread.CurrentThread == caller)
            {
                for (int i = 0; i < 10_000 && !begun.IsSet; i++)
                {
                    Thread.SpinWait(20);
                }
            }
            else
            {
                begun.Set();
                go.Wait(Longest);
                hasEnded = true;
            }
        }
    }

    [Fact]
    public void A_thread_that_goes_to_sleep_while_the_team_is_stopped_ends()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "With one core there are no threads to help.");
        Thread caller = Thread.CurrentThread;
        using ManualResetEventSlim asked = new();
        using ManualResetEventSlim stopped = new();
        Thread? helper = null;
        ThreadTeam team = new(threads: 2, Callers);
        team.Call(tasks: 2);
        Assert.True(asked.Wait(Longest, TestContext.Current.CancellationToken));
        team.Dispose();
        stopped.Set();
        Assert.True(helper!.Join(Longest));

        // The helper has seen that the team is not stopped; when it goes on, it finds no core for itself, and the team stopped.
        int Callers()
        {
            if (Thread.CurrentThread == caller)
            {
                return 1;
            }

            helper = Thread.CurrentThread;
            asked.Set();
            stopped.Wait(Longest);
            return Environment.ProcessorCount;
        }
    }

    private sealed class SharedStep(Action work) : Step
    {
        public override int Tasks => 2;

        public override nint Scratch => 1;

        public override void Run(int task, float* scratch) => work();
    }

    private sealed class CountingStep(int tasks) : Step
    {
        private int disturbed;

        public int[] Times { get; } = new int[tasks];

        public int Disturbed => disturbed;

        public override int Tasks => tasks;

        public ConcurrentDictionary<Thread, bool> Threads { get; } = [];

        public override nint Scratch => 1;

        public override void Run(int task, float* scratch)
        {
            Threads.TryAdd(Thread.CurrentThread, true);
            Volatile.Write(ref *scratch, task);
            Interlocked.Increment(ref Times[task]);
            Thread.SpinWait(20);
            if (Volatile.Read(ref *scratch) != task)
            {
                Interlocked.Increment(ref disturbed);
            }
        }
    }
}
