using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using CMUNeXt.Files;
using CMUNeXt.Images;

namespace CMUNeXt.Imaging;

/// <summary>Segments image files.</summary>
public static class SegmenterFiles
{
    /// <summary>
    /// Segments one file after another, as many at once as there are cores. A file that cannot be read has its line, and the others go on.
    /// Whoever leaves early ends what is under way.
    /// </summary>
    /// <param name="segmenter">Segments.</param>
    /// <param name="paths">The files, such as those of a folder; taken no further ahead than there are cores.</param>
    /// <param name="limits">What a file may cost; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <param name="cancellation">Says that no more results are wanted.</param>
    /// <returns>What became of each, in the order of the files.</returns>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The results were no longer wanted.</exception>
    public static IAsyncEnumerable<SegmentedFile> SegmentFilesAsync(
        this ISegmenter segmenter, IEnumerable<string> paths, ImageLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(segmenter);
        ArgumentNullException.ThrowIfNull(paths);
        return SegmentEach(segmenter, paths, limits, cancellation);
    }

    private static async IAsyncEnumerable<SegmentedFile> SegmentEach(
        ISegmenter segmenter, IEnumerable<string> paths, ImageLimits? limits, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using CancellationTokenSource left = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        CancellationToken wanted = left.Token;
        Queue<Task<SegmentedFile>> underWay = [];
        try
        {
            using IEnumerator<string> source = paths.GetEnumerator();
            ExceptionDispatchInfo? failure;
            while (MovesNext(source, out failure))
            {
                string path = source.Current;
                underWay.Enqueue(Task.Run(() => Segment(segmenter, path, limits, wanted, cancellation), cancellation));
                if (underWay.Count == Environment.ProcessorCount)
                {
                    yield return await underWay.Dequeue().ConfigureAwait(false);
                }
            }

            while (underWay.TryDequeue(out Task<SegmentedFile>? task))
            {
                yield return await task.ConfigureAwait(false);
            }

            failure?.Throw();
        }
        finally
        {
            await left.CancelAsync().ConfigureAwait(false);

            // Whoever leaves early leaves no file under way.
            foreach (Task task in underWay)
            {
                await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // A list of paths that fails does so after the results of the files that it named.
    private static bool MovesNext(IEnumerator<string> source, out ExceptionDispatchInfo? failure)
    {
        failure = null;
        try
        {
            return source.MoveNext();
        }
        catch (Exception e)
        {
            failure = ExceptionDispatchInfo.Capture(e);
            return false;
        }
    }

    // The first token ends where the caller leaves too; the second is the caller's own.
    private static async Task<SegmentedFile> Segment(
        ISegmenter segmenter, string path, ImageLimits? limits, CancellationToken wanted, CancellationToken cancellation)
    {
        Image? image = null;
        try
        {
            wanted.ThrowIfCancellationRequested();
            image = ImageFile.Load(path, limits);
            return new SegmentedFile(path, image, await segmenter.SegmentAsync(image, wanted).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Whoever waits knows the token that was handed in.
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e) when (e is not (OperationCanceledException or ObjectDisposedException))
        {
            return new SegmentedFile(path, image, null, ImageFailure.Of(path, e));
        }
    }
}
