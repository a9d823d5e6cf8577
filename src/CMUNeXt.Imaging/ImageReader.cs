using CMUNeXt.Files;
using CMUNeXt.Images;

namespace CMUNeXt.Imaging;

/// <summary>
/// Reads image files with the decoders that it is given, told apart by content. <see cref="ImageFile"/> reads with all there are; a
/// program that is trimmed names those it wants.
/// </summary>
public sealed class ImageReader
{
    // The pixels of a decoder's widest form, 8 bytes each, have to fit into one array.
    private static readonly long MostPixels = Array.MaxLength / 8;

    private const int DicomPreamble = 128;

    private volatile ImageDecoder[] decoders;

    /// <summary>Makes a reader.</summary>
    /// <param name="decoders">The decoders, the most frequent format first.</param>
    public ImageReader(params ImageDecoder[] decoders)
    {
        ArgumentNullException.ThrowIfNull(decoders);
        this.decoders = [.. decoders];
    }

    /// <summary>
    /// Whether the orientation that a file states is applied to its pixels, as it is in <see cref="ImageFile"/>; else they are as stored.
    /// What is told of a file is of the image as it is shown either way.
    /// </summary>
    public bool AppliesOrientation { get; init; } = true;

    /// <summary>Adds a decoder, or replaces the one of the same format. Any number of threads may add at once.</summary>
    public void Add(ImageDecoder decoder)
    {
        ArgumentNullException.ThrowIfNull(decoder);
        ImageDecoder[] before;
        ImageDecoder[] after;
        do
        {
            before = decoders;
            after = [.. before.Where(other => other.Format != decoder.Format), decoder];
        }
        while (Interlocked.CompareExchange(ref decoders, after, before) != before);
    }

    /// <inheritdoc cref="ImageFile.Load(string, ImageLimits?)"/>
    public Image Load(string path, ImageLimits? limits = null) => Decode(ReadFile(path, limits), path, limits);

    /// <inheritdoc cref="ImageFile.Decode(ReadOnlyMemory{byte}, string, ImageLimits?)"/>
    public Image Decode(ReadOnlyMemory<byte> encoded, string name, ImageLimits? limits = null) =>
        Open(encoded, name, limits, (file, limits) => file.Decode(limits, gray: false, AppliesOrientation));

    /// <inheritdoc cref="ImageFile.Decode(ReadOnlyMemory{byte}, string, out ImageInfo, ImageLimits?)"/>
    public Image Decode(ReadOnlyMemory<byte> encoded, string name, out ImageInfo info, ImageLimits? limits = null)
    {
        (Image image, info) =
            Open(encoded, name, limits, (file, limits) => (file.Decode(limits, gray: false, AppliesOrientation), file.Info));
        return image;
    }

    /// <inheritdoc cref="ImageFile.Load(string, out ImageInfo, ImageLimits?)"/>
    public Image Load(string path, out ImageInfo info, ImageLimits? limits = null) =>
        Decode(ReadFile(path, limits), path, out info, limits);

    /// <inheritdoc cref="ImageFile.LoadGray"/>
    public Image LoadGray(string path, ImageLimits? limits = null) => DecodeGray(ReadFile(path, limits), path, limits);

    /// <inheritdoc cref="ImageFile.DecodeGray"/>
    public Image DecodeGray(ReadOnlyMemory<byte> encoded, string name, ImageLimits? limits = null) =>
        Open(encoded, name, limits, (file, limits) => file.Decode(limits, gray: true, AppliesOrientation));

    /// <summary>Decodes as gray, and tells what the file stores.</summary>
    /// <inheritdoc cref="ImageFile.Decode(ReadOnlyMemory{byte}, string, out ImageInfo, ImageLimits?)"/>
    internal Image DecodeGray(ReadOnlyMemory<byte> encoded, string name, out ImageInfo info, ImageLimits? limits)
    {
        (Image image, info) =
            Open(encoded, name, limits, (file, limits) => (file.Decode(limits, gray: true, AppliesOrientation), file.Info));
        return image;
    }

    /// <inheritdoc cref="ImageFile.Identify(string, ImageLimits?)"/>
    public ImageInfo Identify(string path, ImageLimits? limits = null) => Identify(ReadFile(path, limits), path, limits);

    /// <inheritdoc cref="ImageFile.Identify(ReadOnlyMemory{byte}, string, ImageLimits?)"/>
    public ImageInfo Identify(ReadOnlyMemory<byte> encoded, string name, ImageLimits? limits = null) =>
        Open(encoded, name, limits, static (file, _) => file.Info);

    /// <inheritdoc cref="ImageFile.ReadEncoded"/>
    internal static byte[] ReadFile(string path, ImageLimits? limits)
    {
        limits ??= ImageLimits.Default;
        return InputFile.ReadAllBytes(path, bytes => CheckBytes(bytes, path, limits));
    }

    private static void CheckBytes(long bytes, string name, ImageLimits limits)
    {
        if (bytes > limits.Bytes)
        {
            throw new BadFileException(name, $"{bytes} bytes, more than the {limits.Bytes} that an image file may have");
        }
    }

    private T Open<T>(ReadOnlyMemory<byte> encoded, string name, ImageLimits? limits, Func<EncodedImage, ImageLimits, T> use)
    {
        ArgumentNullException.ThrowIfNull(name);
        limits ??= ImageLimits.Default;
        limits = limits with { Pixels = Math.Min(limits.Pixels, MostPixels) };
        CheckBytes(encoded.Length, name, limits);
        try
        {
            using EncodedImage file = DecoderOf(encoded).Open(encoded);
            return use(file, limits);
        }
        catch (InvalidDataException e)
        {
            throw new BadFileException(name, e.Message, e);
        }
        catch (OutOfMemoryException e)
        {
            throw new BadFileException(name, "there is not enough memory to decode it: make the image smaller", e);
        }
        catch (Exception e) when (e is not BadFileException)
        {
            // A decoder may fail in ways that nobody thought of; it is this file's failure all the same, and no other's.
            throw new BadFileException(
                name, $"damaged: its decoder stopped ({e.Message.ReplaceLineEndings(" ")}); copy it again from its source", e);
        }
    }

    private ImageDecoder DecoderOf(ReadOnlyMemory<byte> file)
    {
        if (file.IsEmpty)
        {
            throw new InvalidDataException("the file is empty: copy it again from its source");
        }

        foreach (ImageDecoder decoder in decoders)
        {
            if (decoder.Recognizes(file))
            {
                return decoder;
            }
        }

        if (file.Length > DicomPreamble && file.Span[DicomPreamble..].StartsWith("DICM"u8))
        {
            throw new InvalidDataException(
                "a DICOM file: cmunext predict reads it where its name ends in .dcm or in nothing, programs with CMUNeXt.Dicom");
        }

        if (file.Span.StartsWith("GIF8"u8) || (file.Length >= 12 && file.Span.StartsWith("RIFF"u8) && file.Span[8..].StartsWith("WEBP"u8)))
        {
            throw new InvalidDataException(
                "a GIF or WebP: convert it to PNG, or in a program add the package CMUNeXt.Drawing and call SkiaDecoder.Register()");
        }

        string kinds = string.Join(", ", decoders.Select(static decoder => decoder.Format.Name()));
        throw new InvalidDataException($"not an image of a kind that is read ({kinds}), whatever its name says");
    }
}
