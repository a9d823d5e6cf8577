using System.Buffers;
using System.Numerics;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging.Formats;
using CMUNeXt.Masks;

namespace CMUNeXt.Imaging;

/// <summary>
/// Image files in and out. PNG, JPEG, BMP and TIFF are read, and WebP and GIF once their decoders are added, told apart by content; PNG is
/// written.
/// </summary>
/// <remarks>
/// The values are those of OpenCV's <c>imread</c>: 16 bits become 8 by their high byte (or, where no sample is larger,
/// by the 8, 10 or 12 bits that are used), alpha is dropped without blending, no gamma or
/// color profile is applied, and the orientation in the file is honored. The colors of a BMP of 16 bits are stretched, so that white is 255
/// and not 248. An image that is stored gray has one channel, every other three (red, green, blue).
/// </remarks>
public static class ImageFile
{
    private static readonly string[] Endings =
        [".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".dib", ".tif", ".tiff", ".webp", ".gif"];

    private static readonly ImageReader Reader = new(ImageDecoder.Png, ImageDecoder.Jpeg, ImageDecoder.Bmp, ImageDecoder.Tiff);

    /// <summary>Adds the decoder of a format, such as those of WebP and GIF in <c>CMUNeXt.Drawing</c>.</summary>
    /// <param name="decoder">The decoder; it takes the place of one of the same format.</param>
    public static void Add(ImageDecoder decoder) => Reader.Add(decoder);

    /// <summary>Reads an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What it may cost; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">The file cannot be read, is no image, damaged, or beyond the limits.</exception>
    public static Image Load(string path, ImageLimits? limits = null) => Reader.Load(path, limits);

    /// <summary>Reads an image from a stream, such as the body of a request, from where it stands to its end.</summary>
    /// <param name="stream">The encoded image; it stays open.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="limits">What it may cost; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <param name="cancellation">Says that the image is no longer wanted.</param>
    /// <exception cref="BadFileException">It is no image, damaged, or beyond the limits.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The image was no longer wanted.</exception>
    public static async Task<Image> LoadAsync(
        Stream stream, string name = "the image", ImageLimits? limits = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        byte[] encoded = await EncodedStream.ReadAsync(stream, name, limits ?? ImageLimits.Default, cancellation).ConfigureAwait(false);

        // A stream in memory is read without a wait: a window's own thread would go on and decode.
        return await Task.Run(() => Reader.Decode(encoded, name, limits), cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads an image file, to be decoded later.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The limit on bytes; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">The file cannot be read, or is beyond the limit.</exception>
    public static byte[] ReadEncoded(string path, ImageLimits? limits = null) => ImageReader.ReadFile(path, limits);

    /// <summary>Decodes an image file that is in memory.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="limits">What it may cost; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <exception cref="BadFileException">It is no image, damaged, or beyond the limits.</exception>
    public static Image Decode(ReadOnlyMemory<byte> encoded, string name = "the image", ImageLimits? limits = null) =>
        Reader.Decode(encoded, name, limits);

    /// <summary>Reads an image file, and what its header and its samples tell.</summary>
    /// <param name="path">The file.</param>
    /// <param name="info">What the file stores, the bits that its samples use included.</param>
    /// <param name="limits">What it may cost; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">The file cannot be read, is no image, damaged, or beyond the limits.</exception>
    public static Image Load(string path, out ImageInfo info, ImageLimits? limits = null) => Reader.Load(path, out info, limits);

    /// <summary>Decodes an image file that is in memory, and tells what its header and its samples do.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="info">What the file stores, the bits that its samples use included.</param>
    /// <param name="limits">What it may cost; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <exception cref="BadFileException">It is no image, damaged, or beyond the limits.</exception>
    public static Image Decode(ReadOnlyMemory<byte> encoded, string name, out ImageInfo info, ImageLimits? limits = null) =>
        Reader.Decode(encoded, name, out info, limits);

    /// <summary>Reads an image file as gray: one channel, colors converted as OpenCV's IMREAD_GRAYSCALE does.</summary>
    /// <inheritdoc cref="Load(string, ImageLimits?)"/>
    public static Image LoadGray(string path, ImageLimits? limits = null) => Reader.LoadGray(path, limits);

    /// <summary>Decodes an image file that is in memory as gray.</summary>
    /// <inheritdoc cref="Decode(ReadOnlyMemory{byte}, string, ImageLimits?)"/>
    public static Image DecodeGray(ReadOnlyMemory<byte> encoded, string name, ImageLimits? limits = null) =>
        Reader.DecodeGray(encoded, name, limits);

    /// <summary>Reads a mask file: its gray values, converted as OpenCV's IMREAD_GRAYSCALE does, to class indices.</summary>
    /// <param name="path">The file.</param>
    /// <param name="values">What its gray values mean.</param>
    /// <param name="limits">What it may cost; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">
    /// The file cannot be read, is no image, damaged, or beyond the limits; or its values are indices of classes that 8 bits do not hold.
    /// </exception>
    public static Mask LoadMask(string path, MaskValues values, ImageLimits? limits = null)
    {
        Image gray = Reader.DecodeGray(ReadEncoded(path, limits), path, out ImageInfo info, limits);
        Span<byte> pixels = gray.Pixels;
        if (values == MaskValues.ZeroOr255)
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = pixels[i] > 127 ? (byte)1 : (byte)0;
            }
        }
        else if (info.LosesSmallSamples || info.SignificantBits > 8)
        {
            throw new BadFileException(path, "its classes have more than 8 bits: save the mask with 8 bits, one value for each class");
        }
        else if (info.Stretch > 1)
        {
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = (byte)(pixels[i] / info.Stretch);
            }
        }

        return new Mask(gray.Width, gray.Height, gray.Pixels);
    }

    /// <summary>
    /// Whether a file has an ending of a format that is read: .png, .jpg (.jpeg, .jpe, .jfif), .bmp (.dib), .tif (.tiff), or .webp or .gif,
    /// which take the decoders of <c>CMUNeXt.Drawing</c>.
    /// </summary>
    /// <param name="path">The file; it is not looked into.</param>
    public static bool HasImageEnding(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads what a file's header says; no pixel is decoded, and the limits on pixels and frames are not applied.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The limit on bytes; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="BadFileException">The file cannot be read, is no image, or its header is damaged.</exception>
    public static ImageInfo Identify(string path, ImageLimits? limits = null) => Reader.Identify(path, limits);

    /// <summary>Reads what the header of a file in memory says.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="limits">The limit on bytes; <see cref="ImageLimits.Default"/> if not given.</param>
    /// <exception cref="BadFileException">It is no image, or its header is damaged.</exception>
    public static ImageInfo Identify(ReadOnlyMemory<byte> encoded, string name, ImageLimits? limits = null) =>
        Reader.Identify(encoded, name, limits);

    /// <summary>Encodes an image as PNG: gray stays gray.</summary>
    /// <param name="image">The image.</param>
    public static byte[] EncodePng(Image image)
    {
        ArgumentNullException.ThrowIfNull(image);
        return PngWriter.Write(image.Width, image.Height, image.Channels, image.Pixels, flat: false);
    }

    /// <summary>Encodes a mask as a gray PNG.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="values">How its classes are to stand in the file; with <see cref="MaskValues.ZeroOr255"/> every class is 255.</param>
    public static byte[] EncodePng(Mask mask, MaskValues values)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (values == MaskValues.ClassIndices)
        {
            return PngWriter.Write(mask.Width, mask.Height, 1, mask.Pixels, flat: true);
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(mask.Pixels.Length);
        Span<byte> pixels = rented.AsSpan(0, mask.Pixels.Length);
        WriteZeroOr255(mask.Pixels, pixels);
        byte[] png = PngWriter.Write(mask.Width, mask.Height, 1, pixels, flat: true);
        ArrayPool<byte>.Shared.Return(rented);
        return png;
    }

    private static void WriteZeroOr255(ReadOnlySpan<byte> classes, Span<byte> values)
    {
        int i = 0;
        for (; i <= classes.Length - Vector<byte>.Count; i += Vector<byte>.Count)
        {
            Vector.GreaterThan(new Vector<byte>(classes[i..]), Vector<byte>.Zero).CopyTo(values[i..]);
        }

        for (; i < classes.Length; i++)
        {
            values[i] = classes[i] == 0 ? (byte)0 : byte.MaxValue;
        }
    }

    /// <summary>Writes an image as a PNG file: gray stays gray.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="image">The image.</param>
    /// <exception cref="IOException">The file could not be written; what stood under the name is untouched.</exception>
    public static void SavePng(string path, Image image) => AtomicFile.WriteBytes(path, EncodePng(image));

    /// <summary>Writes a mask as a gray PNG file.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="mask">The mask.</param>
    /// <param name="values">How its classes are to stand in the file; with <see cref="MaskValues.ZeroOr255"/> every class is 255.</param>
    /// <exception cref="IOException">The file could not be written; what stood under the name is untouched.</exception>
    public static void SaveMask(string path, Mask mask, MaskValues values) => AtomicFile.WriteBytes(path, EncodePng(mask, values));
}
