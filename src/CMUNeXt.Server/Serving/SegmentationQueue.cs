using System.Collections.Concurrent;
using System.Diagnostics;

namespace CMUNeXt.Server.Serving;

/// <summary>
/// The one place where images are computed: a fixed number of workers and a bounded queue before them. What does not fit is refused at
/// once, with the time after which the queue is empty; what nobody waits for any more leaves the queue uncomputed. Of what waits images are
/// counted, not requests: a request of many is taken where there is room for one, and the next waits or is refused for all of them. One
/// that is computed takes one worker, however many its images are.
/// </summary>
internal sealed class SegmentationQueue : IDisposable
{
    // Of the newest time in the moving mean.
    private const double Weight = 0.1;

    // In seconds: a few large images raise the mean for many small ones, which would be sent away for as long.
    private const double LongestAhead = 10;

    private readonly BlockingCollection<Job> jobs = [];
    private readonly Thread[] threads;
    private readonly int queueLimit;
    private readonly ServerMetrics metrics;
    private readonly Lock gate = new();
    private readonly HashSet<Job> ahead = [];
    private double meanSeconds = 0.05;
    private int waiting;
    private int running;
    private long deadline = long.MaxValue;

    /// <summary>Starts the workers. Each has a thread of its own, so that the pool's stay free to answer and to refuse.</summary>
    /// <param name="workers">The jobs done at once, at least 1.</param>
    /// <param name="queueLimit">The images that wait, at least 0.</param>
    /// <param name="metrics">Told of lengths and times.</param>
    public SegmentationQueue(int workers, int queueLimit, ServerMetrics metrics)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(queueLimit);
        this.queueLimit = queueLimit;
        this.metrics = metrics;
        metrics.Observe(() => Volatile.Read(ref waiting), () => Volatile.Read(ref running));
        threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(Work) { IsBackground = true, Name = "segmentation" })];
        foreach (Thread thread in threads)
        {
            thread.Start();
        }
    }

    /// <summary>The time after which what is ahead of a request that comes now is done; ten seconds at most.</summary>
    public TimeSpan TimeAhead
    {
        get
        {
            lock (gate)
            {
                // The images of one request are computed one after the other, however many workers are idle.
                int all = ahead.Sum(static job => job.Images);
                int most = ahead.Select(static job => job.Images).DefaultIfEmpty().Max();
                return TimeSpan.FromSeconds(Math.Min(LongestAhead, meanSeconds * Math.Max((double)all / threads.Length, most)));
            }
        }
    }

    /// <summary>Whether nothing waits and nothing runs.</summary>
    public bool IsIdle => Ahead == 0;

    private int Ahead => Volatile.Read(ref waiting) + Volatile.Read(ref running);

    /// <summary>Counts a refusal where the queue is full.</summary>
    /// <returns>The time after which what is ahead is done; null where there is room.</returns>
    public TimeSpan? RefuseIfFull()
    {
        if (Ahead < threads.Length + queueLimit)
        {
            return null;
        }

        metrics.Refused();
        return TimeAhead;
    }

    /// <summary>Does a job when a worker is free.</summary>
    /// <param name="images">The number of images in it, at least 1.</param>
    /// <param name="work">What is done; it is given the token.</param>
    /// <param name="stop">Leaves the queue, and stops what is under way.</param>
    /// <exception cref="BusyException">The queue is full.</exception>
    public async Task<T> Run<T>(int images, Func<CancellationToken, T> work, CancellationToken stop)
    {
        TaskCompletionSource<T> result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Job job = new(images, () => Complete(result, work, stop));
        lock (gate)
        {
            waiting += RefuseIfFull() is { } wait ? throw new BusyException(wait) : images;
            ahead.Add(job);
        }

        jobs.Add(job, CancellationToken.None);
        using CancellationTokenRegistration leaving = stop.Register(() =>
        {
            if (job.Take() is not null)
            {
                lock (gate)
                {
                    waiting -= images;
                    ahead.Remove(job);
                }

                metrics.Cancelled();
                result.TrySetCanceled(stop);
            }
        });
        return await result.Task.ConfigureAwait(false);
    }

    /// <summary>Says that the server stops.</summary>
    /// <param name="time">The time that what is under way has to end.</param>
    public void Drain(TimeSpan time) => Volatile.Write(ref deadline, Environment.TickCount64 + (long)time.TotalMilliseconds);

    /// <summary>
    /// Ends the workers, once they have done what is in the queue. One that draws or encodes when the time to drain is over is left behind:
    /// nobody waits for it any more, and it ends with the process.
    /// </summary>
    public void Dispose()
    {
        jobs.CompleteAdding();
        bool haveEnded = true;
        foreach (Thread thread in threads)
        {
            haveEnded &= thread.Join((int)Math.Clamp(Volatile.Read(ref deadline) - Environment.TickCount64, 0, int.MaxValue));
        }

        // Whoever is left behind looks into the queue once more.
        if (haveEnded)
        {
            jobs.Dispose();
        }
    }

    private void Complete<T>(TaskCompletionSource<T> result, Func<CancellationToken, T> work, CancellationToken stop)
    {
        try
        {
            result.TrySetResult(work(stop));
        }
        catch (OperationCanceledException)
        {
            metrics.Cancelled();
            result.TrySetCanceled(stop);
        }
        catch (Exception e)
        {
            // Whatever one image throws is that request's answer; the worker goes on.
            result.TrySetException(e);
        }
    }

    private void Work()
    {
        foreach (Job job in jobs.GetConsumingEnumerable())
        {
            if (job.Take() is not { } run)
            {
                continue;
            }

            lock (gate)
            {
                running++;
                waiting -= job.Images;
            }

            metrics.Waited(Stopwatch.GetElapsedTime(job.QueuedAt));
            long started = Stopwatch.GetTimestamp();
            run();
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds / job.Images;
            lock (gate)
            {
                meanSeconds += Weight * (seconds - meanSeconds);
                running--;
                ahead.Remove(job);
            }
        }
    }

    /// <summary>What waits: taken once, by a worker or by the client that goes.</summary>
    private sealed class Job(int images, Action run)
    {
        // Of one that is taken nothing is kept: it stands in the queue until a worker comes to it, and its images would be counted nowhere.
        private Action? run = run;

        public int Images { get; } = images;

        public long QueuedAt { get; } = Stopwatch.GetTimestamp();

        /// <summary>What is to be done; null where it was taken before.</summary>
        public Action? Take() => Interlocked.Exchange(ref run, null);
    }
}
