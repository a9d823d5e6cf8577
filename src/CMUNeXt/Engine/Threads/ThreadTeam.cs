using CMUNeXt.Engine.Memory;
using CMUNeXt.Networks;

namespace CMUNeXt.Engine.Threads;

/// <summary>
/// Threads that help callers with the tasks of their steps. With the callers they are never more than there are cores: more would only wait
/// for each other. Between the steps of an image they spin, since the next comes within microseconds; when there is nothing to do they
/// sleep, and after a while they end.
/// </summary>
internal sealed class ThreadTeam : IDisposable
{
    // About 50 microseconds, as long as it takes to wake a thread up, and about a millisecond while an image is computed.
    private const int SpinsWithoutCallers = 100;
    private const int Spins = 2000;

    private readonly Lock gate = new();
    private readonly Func<int> callers;
    private readonly TimeSpan rest;
    private readonly List<Member> asleep = [];
    private readonly bool[] taken;
    private volatile StepRunner[] runners = [];
    private volatile int awake;
    private volatile bool stopped;

    /// <summary>Makes a team; its threads are started when there is work for them.</summary>
    /// <param name="threads">The threads of one caller, itself among them, at least 1.</param>
    /// <param name="callers">The callers that compute now; null says that there is one, always.</param>
    /// <param name="rest">How long a thread sleeps before it ends; null keeps it.</param>
    public ThreadTeam(int threads, Func<int>? callers = null, TimeSpan? rest = null)
    {
        this.rest = rest ?? Timeout.InfiniteTimeSpan;
        Parts = threads;
        MostHelpers = Math.Min(threads, Environment.ProcessorCount) - 1;
        this.callers = callers ?? (static () => 1);
        taken = new bool[threads == 1 ? 1 : Environment.ProcessorCount];
    }

    /// <summary>The parts into which the tasks of a step are divided.</summary>
    public int Parts { get; }

    /// <summary>The threads that help one caller at most.</summary>
    public int MostHelpers { get; }

    /// <summary>Whether more threads are awake than there are cores beside the callers.</summary>
    public bool IsCrowded => awake > Environment.ProcessorCount - callers();

    /// <summary>Lets a caller have help.</summary>
    public void Add(StepRunner runner)
    {
        lock (gate)
        {
            runners = [.. runners, runner];
        }
    }

    /// <summary>Ends that.</summary>
    public void Remove(StepRunner runner)
    {
        lock (gate)
        {
            runners = [.. runners.Where(other => other != runner)];
        }
    }

    /// <summary>Wakes or starts as many threads as a step gives work to, and as there are cores for.</summary>
    /// <param name="tasks">The tasks of the step.</param>
    public void Call(int tasks)
    {
        int now = callers();
        int wanted = Math.Min(Math.Min(Environment.ProcessorCount - now, MostHelpers * now), tasks - 1);
        if (awake >= wanted)
        {
            return;
        }

        lock (gate)
        {
            for (; awake < wanted; awake++)
            {
                if (!WakeOne() && !TryStart())
                {
                    // The caller does alone what nobody helps with.
                    break;
                }
            }
        }
    }

    /// <summary>Lets the threads end. No step may be under way.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopped = true;
            while (WakeOne())
            {
            }
        }
    }

    private bool WakeOne()
    {
        if (asleep.Count == 0)
        {
            return false;
        }

        // The one that fell asleep last, so that those there is no work for come to their end.
        Member member = asleep[^1];
        asleep.RemoveAt(asleep.Count - 1);
        member.Wake.Release();
        return true;
    }

    private bool TryStart()
    {
        int number = Array.IndexOf(taken, false, 1);
        Member member = new(number);
        taken[number] = OwnThread.TryStart(() => Follow(member), $"CMUNeXt {number}");
        return taken[number];
    }

    private void Follow(Member member)
    {
        NativeBuffer scratch = new(0);
        for (int spins = 0; !stopped;)
        {
            if (Help(member.Number, ref scratch))
            {
                spins = 0;
            }
            else if (!IsCrowded && spins++ < (callers() > 0 ? Spins : SpinsWithoutCallers))
            {
                Thread.SpinWait(20);
            }
            else if (Sleep(member))
            {
                spins = 0;
            }
            else
            {
                break;
            }
        }

        scratch.Dispose();
    }

    private bool Help(int number, ref NativeBuffer scratch)
    {
        if (IsCrowded)
        {
            return false;
        }

        bool helped = false;
        foreach (StepRunner runner in runners)
        {
            helped |= runner.Help(number, ref scratch);
        }

        return helped;
    }

    /// <returns>Whether it was woken; otherwise the thread is to end.</returns>
    private bool Sleep(Member member)
    {
        lock (gate)
        {
            awake--;
            if (stopped)
            {
                // Whoever is asleep was woken already, and nobody else will be.
                return false;
            }

            asleep.Add(member);
        }

        if (member.Wake.Wait(rest))
        {
            return true;
        }

        lock (gate)
        {
            taken[member.Number] = !asleep.Remove(member);
            if (!taken[member.Number])
            {
                return false;
            }
        }

        // It was called in the last moment.
        member.Wake.Wait();
        return true;
    }

    private sealed class Member(int number)
    {
        public int Number { get; } = number;

        public SemaphoreSlim Wake { get; } = new(0);
    }
}
