using System.Runtime.CompilerServices;
using CMUNeXt.Images;

namespace CMUNeXt;

/// <summary>Segments one image after another, several at once, and keeps their order.</summary>
internal static class SegmentationStream
{
    /// <inheritdoc cref="ISegmenter.SegmentAsync(IAsyncEnumerable{Image}, CancellationToken)"/>
    public static async IAsyncEnumerable<Segmentation> Of(
        ISegmenter segmenter, IAsyncEnumerable<Image> images, [EnumeratorCancellation] CancellationToken cancellation)
    {
        Queue<Task<Segmentation>> underWay = [];
        try
        {
            await foreach (Image image in images.WithCancellation(cancellation).ConfigureAwait(false))
            {
                underWay.Enqueue(segmenter.SegmentAsync(image, cancellation));
                if (underWay.Count == Environment.ProcessorCount)
                {
                    yield return await underWay.Dequeue().ConfigureAwait(false);
                }
            }

            while (underWay.TryDequeue(out Task<Segmentation>? task))
            {
                yield return await task.ConfigureAwait(false);
            }
        }
        finally
        {
            // Whoever leaves early leaves no image under way.
            foreach (Task task in underWay)
            {
                await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }
}
