namespace CMUNeXt.Networks;

/// <summary>Lets a number of calls compute at once. The others wait, in the order in which they came.</summary>
/// <param name="most">The calls at once, at least 1.</param>
internal sealed class Turns(int most)
{
    private readonly Lock gate = new();
    private readonly LinkedList<TaskCompletionSource> waiting = [];
    private volatile int taken;

    /// <summary>The calls that have their turn.</summary>
    public int Taken => taken;

    /// <summary>Waits for a turn; it blocks the caller's thread and no other.</summary>
    /// <param name="cancellation">Says that the turn is no longer wanted.</param>
    /// <exception cref="OperationCanceledException">It was no longer wanted.</exception>
    public void Wait(CancellationToken cancellation)
    {
        if (Enter(cancellation) is { } place)
        {
            using CancellationTokenRegistration leaving = LeaveOn(place, cancellation);
            place.Value.Task.GetAwaiter().GetResult();
        }
    }

    /// <summary>Waits for a turn without a thread.</summary>
    /// <param name="cancellation">Says that the turn is no longer wanted.</param>
    /// <exception cref="OperationCanceledException">It was no longer wanted.</exception>
    public async Task WaitAsync(CancellationToken cancellation)
    {
        if (Enter(cancellation) is { } place)
        {
            using CancellationTokenRegistration leaving = LeaveOn(place, cancellation);
            await place.Value.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Ends a turn: it goes to whoever has waited longest.</summary>
    public void Release()
    {
        TaskCompletionSource? next = null;
        lock (gate)
        {
            if (waiting.First is { } first)
            {
                next = first.Value;
                waiting.RemoveFirst();
            }
            else
            {
                taken--;
            }
        }

        next?.SetResult();
    }

    // Null where the turn comes at once.
    private LinkedListNode<TaskCompletionSource>? Enter(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (taken == most)
            {
                return waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            taken++;
            return null;
        }
    }

    private CancellationTokenRegistration LeaveOn(LinkedListNode<TaskCompletionSource> place, CancellationToken cancellation) =>
        cancellation.UnsafeRegister(
            _ =>
            {
                lock (gate)
                {
                    if (place.List is null)
                    {
                        return;
                    }

                    waiting.Remove(place);
                }

                place.Value.SetCanceled(cancellation);
            },
            null);
}
