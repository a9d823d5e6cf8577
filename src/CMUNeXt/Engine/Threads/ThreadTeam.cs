using CMUNeXt.Engine.Memory;

namespace CMUNeXt.Engine.Threads;

/// <summary>
/// Threads that share the tasks of steps. Each begins with a part of its own, the same part of the image in every step, which is then still
/// in its core's cache; whoever is done takes from the others' parts. More threads than cores would only wait for each other, so there are
/// no more, and the parts of the others are taken too. Between the steps of one image they spin, since the next comes within
/// microseconds; after a while without any they sleep.
/// </summary>
internal sealed unsafe class ThreadTeam : IDisposable
{
    private const int Spins = 2000;

    // Integers from a counter to the next: two cache lines, since processors fetch them in pairs.
    private const int CounterStride = 32;

    private readonly int parts;
    private readonly NativeBuffer[] scratch;
    private readonly SemaphoreSlim[] wake;
    private readonly int[] asleep;
    private volatile bool stopped;
    private volatile int generation;
    private volatile Step? step;
    private readonly int[] next;
    private int working;

    /// <summary>Starts all threads but one, which is the caller's.</summary>
    /// <param name="threads">At least 1; more than there are cores divide the tasks as finely, and no more threads are started.</param>
    /// <param name="scratchSize">The floats that each has to work in.</param>
    public ThreadTeam(int threads, nint scratchSize)
    {
        parts = threads;
        int members = Math.Min(threads, Environment.ProcessorCount);
        scratch = [.. Enumerable.Range(0, members).Select(_ => new NativeBuffer(scratchSize))];
        wake = [.. Enumerable.Range(0, members).Select(_ => new SemaphoreSlim(0))];
        asleep = new int[members];
        next = new int[(parts + 1) * CounterStride];
        for (int i = 1; i < members; i++)
        {
            int member = i;
            new Thread(() => Follow(member)) { IsBackground = true, Name = $"CMUNeXt {member}" }.Start();
        }
    }

    /// <summary>Does all tasks of a step, and returns when they are done. One caller at a time.</summary>
    public void Run(Step step)
    {
        if (scratch.Length == 1 || step.Tasks == 1)
        {
            for (int task = 0; task < step.Tasks; task++)
            {
                step.Run(task, scratch[0].Data);
            }

            return;
        }

        this.step = step;
        for (int part = 0; part < parts; part++)
        {
            next[(part + 1) * CounterStride] = FirstOf(part, step.Tasks);
        }

        working = scratch.Length - 1;
        Advance();
        Work(step, 0);
        SpinWait spin = default;
        while (Volatile.Read(ref working) > 0)
        {
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    /// <summary>Lets the threads end. No step may be under way.</summary>
    public void Dispose()
    {
        stopped = true;
        Advance();
        scratch[0].Dispose();
    }

    // Each thread has a semaphore of its own: of a common one, a thread that is done could take what was meant for one that sleeps.
    private void Advance()
    {
        Interlocked.Increment(ref generation);
        for (int member = 1; member < scratch.Length; member++)
        {
            if (Interlocked.Exchange(ref asleep[member], 0) == 1)
            {
                wake[member].Release();
            }
        }
    }

    private void Follow(int member)
    {
        int seen = 0;
        while (true)
        {
            for (int spins = 0; generation == seen; spins++)
            {
                if (spins < Spins)
                {
                    Thread.SpinWait(20);
                    continue;
                }

                // A step that comes right now wakes this thread; a wake-up too many does no harm.
                Interlocked.Exchange(ref asleep[member], 1);
                if (generation == seen)
                {
                    wake[member].Wait();
                }
            }

            seen++;
            if (stopped)
            {
                scratch[member].Dispose();
                return;
            }

            Work(step!, member);
            Interlocked.Decrement(ref working);
        }
    }

    private int FirstOf(int part, int tasks) => (int)((long)tasks * part / parts);

    private void Work(Step step, int member)
    {
        for (int i = 0; i < parts; i++)
        {
            int part = (member + i) % parts;
            int end = FirstOf(part + 1, step.Tasks);
            for (int task; (task = Interlocked.Increment(ref next[(part + 1) * CounterStride]) - 1) < end;)
            {
                step.Run(task, scratch[member].Data);
            }
        }
    }
}
