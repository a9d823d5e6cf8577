using System.Runtime.ExceptionServices;
using CMUNeXt.Engine.Memory;

namespace CMUNeXt.Engine.Threads;

/// <summary>
/// Does one caller's steps, one after the other, with whatever threads of a team are free. Each begins with a part of its own, the same
/// part of the image in every step, which is then still in its core's cache; whoever is done takes from the others' parts. Nobody waits for
/// a thread that has not come: the caller does what is left.
/// </summary>
internal sealed unsafe class StepRunner : IDisposable
{
    // Integers from a counter to the next: two cache lines, since processors fetch them in pairs.
    private const int CounterStride = 32;

    private readonly ThreadTeam team;
    private readonly NativeBuffer scratch;
    private readonly int[] next;
    private volatile Step? open;
    private int helping;

    /// <summary>Makes a runner for one caller at a time.</summary>
    /// <param name="team">Who helps.</param>
    /// <param name="scratchSize">The floats that the caller has to work in.</param>
    public StepRunner(ThreadTeam team, nint scratchSize)
    {
        this.team = team;
        scratch = new NativeBuffer(scratchSize);
        next = new int[(team.Parts + 1) * CounterStride];
        team.Add(this);
    }

    /// <summary>Does all tasks of a step, and returns when they are done.</summary>
    public void Run(Step step)
    {
        if (team.MostHelpers == 0 || step.Tasks <= 1)
        {
            for (int task = 0; task < step.Tasks; task++)
            {
                step.Run(task, scratch.Data);
            }

            return;
        }

        for (int part = 0; part < team.Parts; part++)
        {
            next[(part + 1) * CounterStride] = FirstOf(part, step.Tasks);
        }

        team.Call(step.Tasks);
        open = step;
        Work(step, member: 0, scratch.Data, isHelper: false);

        // A fence: whoever counts itself from here on finds no step.
        Interlocked.Exchange(ref open, null);
        if (Volatile.Read(ref helping) > 0)
        {
            WaitForHelpers();
        }
    }

    /// <summary>Does tasks of the step that is under way.</summary>
    /// <param name="member">The number of the thread, from 1.</param>
    /// <param name="memory">The thread's own memory, which is made as large as the step needs.</param>
    /// <returns>Whether there was anything to do.</returns>
    public bool Help(int member, ref NativeBuffer memory)
    {
        if (open is null || Volatile.Read(ref helping) == team.MostHelpers)
        {
            return false;
        }

        // Counted before it looks, so that the caller waits for everyone who has seen the step.
        bool helped = false;
        if (Interlocked.Increment(ref helping) <= team.MostHelpers && open is { } step)
        {
            helped = HasRoom(step, ref memory) && Work(step, member, memory.Data, isHelper: true);
        }

        Interlocked.Decrement(ref helping);
        return helped;
    }

    /// <summary>Gives the memory back. No step may be under way.</summary>
    public void Dispose()
    {
        team.Remove(this);
        scratch.Dispose();
    }

    // A thread for which there is no memory does not help; the caller does its part.
    private static bool HasRoom(Step step, ref NativeBuffer memory)
    {
        if (memory.Count >= step.Scratch)
        {
            return true;
        }

        try
        {
            NativeBuffer larger = new(step.Scratch);
            memory.Dispose();
            memory = larger;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    // They work in the caller's memory: a caller that Thread.Interrupt ends leaves when they are done.
    private void WaitForHelpers()
    {
        SpinWait spin = default;
        ThreadInterruptedException? interruption = null;
        while (Volatile.Read(ref helping) > 0)
        {
            try
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }
            catch (ThreadInterruptedException e)
            {
                interruption = e;
            }
        }

        if (interruption is not null)
        {
            ExceptionDispatchInfo.Throw(interruption);
        }
    }

    private bool Work(Step step, int member, float* memory, bool isHelper)
    {
        bool worked = false;
        for (int i = 0; i < team.Parts; i++)
        {
            int part = (member + i) % team.Parts;
            int end = FirstOf(part + 1, step.Tasks);
            ref int counter = ref next[(part + 1) * CounterStride];
            for (int task; Volatile.Read(ref counter) < end && (task = Interlocked.Increment(ref counter) - 1) < end;)
            {
                step.Run(task, memory);
                worked = true;
                if (isHelper && team.IsCrowded)
                {
                    return true;
                }
            }
        }

        return worked;
    }

    private int FirstOf(int part, int tasks) => (int)((long)tasks * part / team.Parts);
}
