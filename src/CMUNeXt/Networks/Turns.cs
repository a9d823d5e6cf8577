using System.Runtime.CompilerServices;

namespace CMUNeXt.Networks;

/// <summary>
/// Lets a number of calls compute at once. While a turn is free, a call computes in its caller's thread. The others wait, and threads of
/// its own compute them in the order in which they came: such a thread keeps its turn until nobody waits, so that no core is idle until the
/// next caller has been woken. There are never more of these threads than calls at once; without work they end after a while.
/// </summary>
/// <param name="most">The calls at once, at least 1.</param>
/// <param name="rest">How long a thread waits for work before it ends.</param>
/// <param name="tryStart">Starts a thread by its work and its name, and says whether there is one; null starts one of the system.</param>
internal sealed class Turns(int most, TimeSpan rest, Func<Action, string, bool>? tryStart = null) : IDisposable
{
    private readonly Func<Action, string, bool> tryStart = tryStart ?? OwnThread.TryStart;
    private readonly Lock gate = new();
    private readonly LinkedList<Action> waiting = [];
    private readonly SemaphoreSlim handedOver = new(0);
    private volatile int taken;
    private int resting;
    private volatile bool stopped;

    /// <summary>The calls that have their turn.</summary>
    public int Taken => taken;

    /// <summary>Computes when its turn has come, and blocks the caller's thread meanwhile. With a turn free it allocates nothing.</summary>
    /// <param name="state">What is computed with; it may view memory of the caller's.</param>
    /// <param name="work">The computation.</param>
    /// <param name="cancellation">Says that the turn is no longer wanted; once it has come, looking at this is up to the work.</param>
    /// <returns>What the work returns; what it throws is thrown.</returns>
    /// <exception cref="OperationCanceledException">The turn was no longer wanted.</exception>
    public T Run<TState, T>(TState state, Func<TState, T> work, CancellationToken cancellation)
        where TState : allows ref struct
    {
        if (!TryTake(cancellation))
        {
            return Wait(state, work, cancellation);
        }

        try
        {
            return work(state);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Computes on another thread when its turn has come; no thread waits for that.</summary>
    /// <param name="work">The computation.</param>
    /// <param name="cancellation">Says that the turn is no longer wanted; once it has come, looking at this is up to the work.</param>
    /// <returns>What the work returns; what it throws is thrown.</returns>
    /// <exception cref="OperationCanceledException">The turn was no longer wanted.</exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        if (!TryTake(cancellation))
        {
            Place<T> place = new(work);
            using CancellationTokenRegistration leaving = Enqueue(place, cancellation);
            return await place.Result.ConfigureAwait(false);
        }

        try
        {
            return await Task.Run(work, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Release();
        }
    }

    /// <summary>Lets the threads end. No call may be under way.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            stopped = true;
            if (resting > 0)
            {
                handedOver.Release(resting);
            }
        }
    }

    private bool TryTake(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (taken == most)
            {
                return false;
            }

            taken++;
            return true;
        }
    }

    private void Release()
    {
        lock (gate)
        {
            if (waiting.Count > 0)
            {
                HandOver();
            }
            else
            {
                taken--;
            }
        }
    }

    private unsafe T Wait<TState, T>(TState state, Func<TState, T> work, CancellationToken cancellation)
        where TState : allows ref struct
    {
        // The state stays on this stack until the work looks at it no more.
        nint address = (nint)Unsafe.AsPointer(ref state);
        Place<T> place = new(() => work(Unsafe.AsRef<TState>((void*)address)));
        try
        {
            using CancellationTokenRegistration leaving = Enqueue(place, cancellation);
            return place.Result.GetAwaiter().GetResult();
        }
        finally
        {
            // Thread.Interrupt ends any wait.
            place.Abandon();
        }
    }

    private CancellationTokenRegistration Enqueue<T>(Place<T> place, CancellationToken cancellation)
    {
        LinkedListNode<Action> node = new(place.Compute);
        lock (gate)
        {
            // A turn may have become free meanwhile.
            if (taken < most)
            {
                HandOver();
                taken++;
            }

            waiting.AddLast(node);
        }

        return cancellation.UnsafeRegister(
            _ =>
            {
                lock (gate)
                {
                    if (node.List is null)
                    {
                        return;
                    }

                    waiting.Remove(node);
                }

                place.Leave(cancellation);
            },
            null);
    }

    // Gives a turn to a thread that rests, or to a new one.
    private void HandOver()
    {
        if (resting > 0)
        {
            resting--;
            handedOver.Release();
        }
        else if (!tryStart(Compute, "CMUNeXt calls"))
        {
            // The pool has threads already. A turn that nobody took would be lost, and all who wait with it.
            ThreadPool.UnsafeQueueUserWorkItem(static turns => turns.Compute(), this, preferLocal: false);
        }
    }

    private void Compute()
    {
        do
        {
            while (TakeNext() is { } next)
            {
                next();
            }
        }
        while (Rest());
    }

    // Null where nobody waits: the turn is given up then.
    private Action? TakeNext()
    {
        lock (gate)
        {
            if (waiting.First is { } first)
            {
                waiting.RemoveFirst();
                return first.Value;
            }

            taken--;
            resting++;
            return null;
        }
    }

    /// <returns>Whether it was given a turn; otherwise the thread is to end.</returns>
    private bool Rest()
    {
        if (stopped)
        {
            return false;
        }

        bool hasTurn = handedOver.Wait(rest);
        lock (gate)
        {
            // It may have been given one in the last moment.
            if (!hasTurn && !handedOver.Wait(0))
            {
                resting--;
                return false;
            }

            return !stopped;
        }
    }

    /// <summary>A call in the queue.</summary>
    private sealed class Place<T>(Func<T> work)
    {
        private readonly TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int claimed;

        public Task<T> Result => result.Task;

        public void Leave(CancellationToken cancellation) => result.SetCanceled(cancellation);

        /// <summary>Lets the work never begin; work that has begun is waited for, whatever interrupts the wait.</summary>
        public void Abandon()
        {
            if (Interlocked.Exchange(ref claimed, 1) == 0)
            {
                return;
            }

            while (!result.Task.IsCompleted)
            {
                try
                {
                    ((IAsyncResult)result.Task).AsyncWaitHandle.WaitOne();
                }
                catch (ThreadInterruptedException)
                {
                    // The interruption that abandoned it is under way already.
                }
            }
        }

        public void Compute()
        {
            if (Interlocked.Exchange(ref claimed, 1) != 0)
            {
                return;
            }

            try
            {
                result.SetResult(work());
            }
            catch (Exception e)
            {
                result.SetException(e);
            }
        }
    }
}
