using CMUNeXt.Images;
using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Imaging;

/// <summary>An image file in memory whose header has been read.</summary>
public abstract class EncodedImage : IDisposable
{
    private readonly int orientation;

    /// <summary>Keeps what the header says.</summary>
    /// <param name="stored">The header's contents, width and height as stored.</param>
    /// <param name="orientation">The orientation, as Exif numbers it: 1, upright, to 8.</param>
    protected EncodedImage(ImageInfo stored, int orientation)
    {
        ArgumentNullException.ThrowIfNull(stored);
        this.orientation = orientation;
        Info = (Orientation.SwapsAxes(orientation) ? Transposed(stored) : stored) with { Orientation = orientation };
    }

    /// <summary>What the header says; width and height as the image is shown.</summary>
    public ImageInfo Info { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Decodes the pixels.</summary>
    /// <param name="limits">What they may cost.</param>
    /// <param name="gray">Only luminance is wanted.</param>
    /// <param name="upright">Whether the orientation is applied; else they are as stored.</param>
    /// <exception cref="InvalidDataException">They are damaged, or the limits do not allow them.</exception>
    internal Image Decode(ImageLimits limits, bool gray, bool upright)
    {
        if ((long)Info.Width * Info.Height > limits.Pixels)
        {
            throw new InvalidDataException(
                $"{Info.Width} x {Info.Height} pixels, more than the {limits.Pixels / 1e6:0.##} megapixels allowed: "
                    + "make the image smaller");
        }

        if (Math.Max(Info.Width, Info.Height) > limits.Side)
        {
            throw new InvalidDataException(
                $"{Info.Width} x {Info.Height} pixels, more than the {limits.Side} allowed on a side: make the image smaller");
        }

        if (Info.Frames > limits.Frames)
        {
            string frames = Info.Format == ImageFormat.Tiff ? "pages" : "frames";
            throw new InvalidDataException(
                $"it holds {Info.Frames} {frames} where {limits.Frames} may be: split it into one file for each");
        }

        Image stored = Read(limits, gray);
        Image image = upright ? Orientation.Apply(stored, orientation) : stored;
        return gray ? Luminance.Of(image) : image;
    }

    /// <summary>Decodes the pixels as stored: the orientation is not applied.</summary>
    /// <param name="limits">The limits; the size and the frames in the header are within them.</param>
    /// <param name="gray">Only luminance is wanted: a decoder may convert colors itself, or leave it to the caller.</param>
    /// <exception cref="InvalidDataException">
    /// The pixels are damaged or end too early; the message says so without the file's name.
    /// </exception>
    protected abstract Image Read(ImageLimits limits, bool gray);

    /// <summary>Notes what only samples of 16 bits tell.</summary>
    /// <param name="largest">The largest sample.</param>
    /// <param name="smallest">The smallest sample above 0.</param>
    protected void HasSamples(int largest, int smallest)
    {
        int bits = PixelBuffer.SignificantBitsFor(largest);
        Info = Info with { SignificantBits = bits, LosesSmallSamples = smallest >> (bits - 8) == 0 };
    }

    /// <summary>Notes what only the pixels tell of the alpha.</summary>
    /// <param name="varies">Whether they differ in it.</param>
    protected void HasAlpha(bool varies) => Info = Info with { AlphaVaries = varies };

    private static ImageInfo Transposed(ImageInfo stored) => stored with
    {
        Width = stored.Height,
        Height = stored.Width,
        PixelSize = stored.PixelSize is { } size ? new(size.Height, size.Width) : null,
    };

    /// <summary>Frees what the decoder holds.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
