using System.Collections.Concurrent;

namespace CMUNeXt.Imaging;

/// <summary>Threads that take work in the order in which it comes; as many as there is work, up to a number.</summary>
/// <param name="most">The number.</param>
internal sealed class WorkerThreads(int most) : IDisposable
{
    private readonly BlockingCollection<Action> waiting = [];
    private readonly List<Thread> threads = [];

    /// <summary>Gives them work.</summary>
    /// <param name="work">The work.</param>
    /// <param name="cancellation">It is not begun after this.</param>
    /// <returns>What became of it; canceled where it was not begun.</returns>
    public Task<T> Begin<T>(Func<T> work, CancellationToken cancellation)
    {
        TaskCompletionSource<T> result = new();
        waiting.Add(() => Complete(result, work, cancellation), CancellationToken.None);
        lock (threads)
        {
            if (threads.Count < most)
            {
                threads.Add(Start());
            }
        }

        return result.Task;
    }

    /// <summary>Waits for work, whatever becomes of it, on a thread that sleeps: a task itself would have it spin first.</summary>
    /// <param name="work">What was begun.</param>
    public static void Wait(Task work) => ((IAsyncResult)work).AsyncWaitHandle.WaitOne();

    /// <summary>Waits for the end of all work.</summary>
    public void Dispose()
    {
        waiting.CompleteAdding();
        threads.ForEach(static thread => thread.Join());
        waiting.Dispose();
    }

    private Thread Start()
    {
        Thread thread = new(() =>
        {
            foreach (Action work in waiting.GetConsumingEnumerable())
            {
                work();
            }
        })
        { IsBackground = true, Name = "CMUNeXt images" };
        thread.Start();
        return thread;
    }

    private static void Complete<T>(TaskCompletionSource<T> result, Func<T> work, CancellationToken cancellation)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            result.SetResult(work());
        }
        catch (OperationCanceledException e)
        {
            result.SetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            result.SetException(e);
        }
    }
}
