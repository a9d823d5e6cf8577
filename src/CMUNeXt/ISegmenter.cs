using CMUNeXt.Images;

namespace CMUNeXt;

/// <summary>
/// Finds lesions in images: what a program depends on, so that its tests can put a double in the place of a <see cref="Segmenter"/>
/// (<see cref="Segmentation.FromProbability"/> makes what a double returns). Any number of callers may segment at once.
/// </summary>
public interface ISegmenter
{
    /// <summary>Segments pixels in memory.</summary>
    /// <param name="pixels">Any size, gray or color.</param>
    /// <param name="cancellation">Says that the result is no longer wanted.</param>
    /// <returns>What was found, at the pixels' own size.</returns>
    /// <exception cref="ArgumentException">The buffer views no pixels.</exception>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The result was no longer wanted.</exception>
    Segmentation Segment(PixelBuffer pixels, CancellationToken cancellation = default);

    /// <summary>Segments an image.</summary>
    /// <inheritdoc cref="SegmentAsync(Image, CancellationToken)"/>
    Segmentation Segment(Image image, CancellationToken cancellation = default);

    /// <summary>Segments an image without holding the caller's thread.</summary>
    /// <param name="image">Any size, gray or color.</param>
    /// <param name="cancellation">Says that the result is no longer wanted.</param>
    /// <returns>What was found, at the image's own size.</returns>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The result was no longer wanted.</exception>
    Task<Segmentation> SegmentAsync(Image image, CancellationToken cancellation = default);

    /// <summary>
    /// Segments one image after another, such as the frames of a cine loop, as many at once as there are cores. One more image is taken
    /// ahead.
    /// </summary>
    /// <param name="images">
    /// Images of any size, gray or color. The pixels of each stay as they are until its result is there: a source uses no buffer again. A
    /// thread of the pool asks for them, so that a source may decode.
    /// </param>
    /// <param name="cancellation">Says that no more results are wanted.</param>
    /// <returns>What was found in each, in the order of the images.</returns>
    /// <exception cref="NotFiniteNumberException">
    /// A logit is not finite: there is no finding, which is not the same as no lesion.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The segmenter's network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The results were no longer wanted.</exception>
    IAsyncEnumerable<Segmentation> SegmentAsync(IAsyncEnumerable<Image> images, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        return SegmentationStream.Of(this, images, cancellation);
    }
}
