using System.Collections.Concurrent;
using CMUNeXt.Engine.Threads;

namespace CMUNeXt.Tests.Engine.Threads;

public sealed unsafe class ThreadTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(1024)]
    public void Every_task_is_done_exactly_once(int threads)
    {
        using ThreadTeam team = new(threads, scratchSize: 1);
        for (int tasks = 0; tasks <= 50; tasks++)
        {
            CountingStep step = new(tasks) { Name = "counts" };
            for (int time = 1; time <= 2; time++)
            {
                team.Run(step);
                Assert.All(step.Times, times => Assert.Equal(time, times));
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Threads_that_sleep_are_woken(int threads)
    {
        using ThreadTeam team = new(threads, scratchSize: 1);
        CountingStep step = new(50) { Name = "counts" };
        for (int time = 1; time <= 3; time++)
        {
            // Long enough to fall asleep; a thread that is still awake then does the same.
            Thread.Sleep(50);
            team.Run(step);
            Assert.All(step.Times, times => Assert.Equal(time, times));
        }
    }

    [Fact]
    public void There_are_no_more_threads_than_cores()
    {
        using ThreadTeam team = new(64 * Environment.ProcessorCount, scratchSize: 1);
        CountingStep step = new(5000) { Name = "counts" };
        team.Run(step);
        Assert.InRange(step.Threads.Count, 1, Environment.ProcessorCount);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void No_two_tasks_at_a_time_work_in_the_same_scratch(int threads)
    {
        using ThreadTeam team = new(threads, scratchSize: 1);
        CountingStep step = new(500) { Name = "counts" };
        team.Run(step);
        Assert.Equal(0, step.Disturbed);
    }

    private sealed class CountingStep(int tasks) : Step
    {
        private int disturbed;

        public int[] Times { get; } = new int[tasks];

        public int Disturbed => disturbed;

        public override int Tasks => tasks;

        public ConcurrentDictionary<int, bool> Threads { get; } = [];

        public override nint Scratch => 1;

        public override void Run(int task, float* scratch)
        {
            Threads.TryAdd(Environment.CurrentManagedThreadId, true);
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
