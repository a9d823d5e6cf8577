using CMUNeXt.Dicom.Format;
using CMUNeXt.Dicom.Pixels;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Dicom;

/// <summary>
/// The image of a DICOM file, or the frames of a cine loop; each frame is read from the file, and decoded, where it is asked for: the
/// <see cref="DicomFile"/> stays open meanwhile.
/// </summary>
public sealed class DicomImage
{
    private readonly DicomFile file;
    private readonly FrameReader frames;
    private readonly Rendering rendering;
    private readonly bool hasRegions;
    private readonly PixelSize? spacing;
    private readonly FrameTimes times;

    internal DicomImage(DicomFile file, DicomLimits limits)
    {
        this.file = file;
        DataSet data = file.Data;
        Pixels = PixelDescription.Read(data, limits);
        frames = FrameReader.Open(data, Pixels, file.Syntax);
        rendering = new Rendering(data, Pixels);
        Regions = UltrasoundRegion.ReadAll(data, Pixels.Width, Pixels.Height);
        hasRegions = data.Items(DicomAttribute.SequenceOfUltrasoundRegions).Count > 0;
        spacing = ReadSpacing(data);
        times = FrameTimes.Read(data, Pixels.Frames);
    }

    /// <summary>Width in pixels.</summary>
    public int Width => Pixels.Width;

    /// <summary>Height in pixels.</summary>
    public int Height => Pixels.Height;

    /// <summary>The number of frames, at least 1.</summary>
    public int FrameCount => Pixels.Frames;

    /// <summary>
    /// The pace at which a loop is shown: the milliseconds from one frame to the next, above 0; the mean where they differ; null where the
    /// file does not say it.
    /// </summary>
    public double? FrameTime => times.Pace;

    /// <summary>
    /// The parts of an ultrasound image that show tissue, with the size of a pixel in each; none where the file does not say it.
    /// </summary>
    public IReadOnlyList<UltrasoundRegion> Regions { get; }

    /// <summary>The box around all regions of tissue, within the image; null where the file names none.</summary>
    public BoundingBox? Tissue
    {
        get
        {
            int left = Regions.Select(static region => region.Box.X).DefaultIfEmpty(Width).Min();
            int top = Regions.Select(static region => region.Box.Y).DefaultIfEmpty(Height).Min();
            int right = Math.Min(Width, Regions.Select(static region => region.Box.X + region.Box.Width).DefaultIfEmpty().Max());
            int bottom = Math.Min(Height, Regions.Select(static region => region.Box.Y + region.Box.Height).DefaultIfEmpty().Max());
            return left < right && top < bottom ? new BoundingBox(left, top, right - left, bottom - top) : null;
        }
    }

    internal PixelDescription Pixels { get; }

    /// <summary>
    /// Decodes a frame: gray where it is stored gray (through the file's window), else RGB. Any number of threads may ask at once.
    /// </summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    /// <exception cref="BadFileException">The frame is damaged, or the file can no longer be read.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public Image ReadFrame(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, FrameCount);
        return rendering.Render(ReadStored(index));
    }

    /// <summary>
    /// The size of a pixel in a part of the image: that of the smallest ultrasound region which contains it; where the file has no regions,
    /// its pixel spacing.
    /// </summary>
    /// <param name="box">The part, such as a lesion's box.</param>
    /// <returns>The size; null where it is not known.</returns>
    public PixelSize? PixelSizeOf(BoundingBox box) =>
        hasRegions
            ? Regions.Where(region => region.Contains(box)).MinBy(static region => (long)region.Box.Width * region.Box.Height)?.PixelSize
            : spacing;

    /// <summary>
    /// When a frame was taken, in milliseconds after the first one: even steps where the file does not say it of each frame.
    /// </summary>
    /// <param name="index">From 0.</param>
    /// <returns>The time; null where the file does not say it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such frame.</exception>
    public double? TimeOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, FrameCount);
        return times[index];
    }

    /// <summary>A frame's values as they are stored.</summary>
    internal StoredFrame ReadStored(int index) => file.Checked(() => frames.Read(index));

    // Rows come first: the distance from one row to the next. No pixel depends on it: one that cannot be read is one that the file does not
    // say.
    private static PixelSize? ReadSpacing(DataSet data)
    {
        try
        {
            double[] values = data.Numbers(DicomAttribute.PixelSpacing);
            return values is [var rows, var columns] && new PixelSize(columns, rows) is var size && size.IsMeasurable() ? size : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
