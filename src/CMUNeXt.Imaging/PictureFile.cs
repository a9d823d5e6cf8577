using CMUNeXt.Files;
using CMUNeXt.Imaging.Formats;
using CMUNeXt.Masks;
using CMUNeXt.Pictures;

namespace CMUNeXt.Imaging;

/// <summary>
/// Picture files in and out. PNG, JPEG, BMP, TIFF and WebP are read, told apart by content; PNG is written.
/// </summary>
/// <remarks>
/// The values are those of OpenCV's <c>imread</c>: 16 bits become 8 by their high byte, alpha is dropped without blending, no gamma or
/// colour profile is applied, and the orientation in the file is honoured. A picture that is stored grey has one channel, every other
/// three (red, green, blue).
/// </remarks>
public static class PictureFile
{
    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"];

    // The pixels of a decoder's widest form, 8 bytes each, have to fit into one array.
    private static readonly long MostPixels = Array.MaxLength / 8;

    /// <summary>Reads a picture file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">What it may cost; <see cref="PictureLimits.Default"/> if not given.</param>
    /// <exception cref="BadFileException">The file is missing, no picture, damaged, or beyond the limits.</exception>
    public static Picture Load(string path, PictureLimits? limits = null) => Decode(ReadFile(path, limits), path, limits);

    /// <summary>Decodes a picture file that is in memory.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="limits">What it may cost; <see cref="PictureLimits.Default"/> if not given.</param>
    /// <exception cref="BadFileException">It is no picture, damaged, or beyond the limits.</exception>
    public static Picture Decode(ReadOnlyMemory<byte> encoded, string name, PictureLimits? limits = null) =>
        Open(encoded, name, limits, (file, bounds) => file.Decode(bounds, grey: false));

    /// <summary>Reads a picture file as grey: one channel, colours converted as OpenCV's IMREAD_GRAYSCALE does.</summary>
    /// <inheritdoc cref="Load"/>
    public static Picture LoadGrey(string path, PictureLimits? limits = null) => DecodeGrey(ReadFile(path, limits), path, limits);

    /// <summary>Decodes a picture file that is in memory as grey.</summary>
    /// <inheritdoc cref="Decode"/>
    public static Picture DecodeGrey(ReadOnlyMemory<byte> encoded, string name, PictureLimits? limits = null) =>
        Open(encoded, name, limits, (file, bounds) => file.Decode(bounds, grey: true));

    /// <summary>Reads a mask file: its grey values, converted as OpenCV's IMREAD_GRAYSCALE does, to class indices.</summary>
    /// <param name="path">The file.</param>
    /// <param name="values">What its grey values mean.</param>
    /// <param name="limits">What it may cost; <see cref="PictureLimits.Default"/> if not given.</param>
    /// <exception cref="BadFileException">The file is missing, no picture, damaged, or beyond the limits.</exception>
    public static Mask LoadMask(string path, MaskValues values, PictureLimits? limits = null)
    {
        Picture grey = LoadGrey(path, limits);
        if (values == MaskValues.ZeroOr255)
        {
            Span<byte> pixels = grey.Pixels;
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = pixels[i] > 127 ? (byte)1 : (byte)0;
            }
        }

        return new Mask(grey.Width, grey.Height, grey.Pixels);
    }

    /// <summary>Whether a file has the ending of a format that is read: .png, .jpg, .jpeg, .bmp, .tif, .tiff or .webp.</summary>
    /// <param name="path">The file; it is not looked into.</param>
    public static bool HasPictureEnding(string path) => Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads what a file's header says; no pixel is decoded, and the limits on pixels and frames are not applied.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">The limit on bytes; <see cref="PictureLimits.Default"/> if not given.</param>
    /// <exception cref="BadFileException">The file is missing, no picture, or its header is damaged.</exception>
    public static PictureInfo Identify(string path, PictureLimits? limits = null) => Identify(ReadFile(path, limits), path, limits);

    /// <summary>Reads what the header of a file in memory says.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <param name="limits">The limit on bytes; <see cref="PictureLimits.Default"/> if not given.</param>
    /// <exception cref="BadFileException">It is no picture, or its header is damaged.</exception>
    public static PictureInfo Identify(ReadOnlyMemory<byte> encoded, string name, PictureLimits? limits = null) =>
        Open(encoded, name, limits, (file, _) => file.Info);

    /// <summary>Encodes a picture as PNG: grey stays grey.</summary>
    public static byte[] EncodePng(Picture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        return PngWriter.Write(picture.Width, picture.Height, picture.Channels, picture.Pixels, flat: false);
    }

    /// <summary>Encodes a mask as a grey PNG.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="values">How its classes are to stand in the file; with <see cref="MaskValues.ZeroOr255"/> every class is 255.</param>
    public static byte[] EncodePng(Mask mask, MaskValues values)
    {
        ArgumentNullException.ThrowIfNull(mask);
        byte[] pixels = mask.Pixels;
        if (values == MaskValues.ZeroOr255)
        {
            pixels = new byte[pixels.Length];
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = mask.Pixels[i] == 0 ? (byte)0 : byte.MaxValue;
            }
        }

        return PngWriter.Write(mask.Width, mask.Height, 1, pixels, flat: true);
    }

    /// <summary>Writes a picture as a PNG file.</summary>
    /// <exception cref="IOException">The file could not be written; what stood under the name is untouched.</exception>
    public static void SavePng(string path, Picture picture) => AtomicFile.WriteBytes(path, EncodePng(picture));

    /// <summary>Writes a mask as a grey PNG file.</summary>
    /// <exception cref="IOException">The file could not be written; what stood under the name is untouched.</exception>
    public static void SaveMask(string path, Mask mask, MaskValues values) => AtomicFile.WriteBytes(path, EncodePng(mask, values));

    private static byte[] ReadFile(string path, PictureLimits? limits)
    {
        ArgumentNullException.ThrowIfNull(path);
        limits ??= PictureLimits.Default;
        if (Directory.Exists(path))
        {
            throw new BadFileException(path, "a folder, not a picture file: name a file in it");
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            CheckBytes(stream.Length, path, limits);
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            return content;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadFileException(path, "there is no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(path, $"it cannot be read ({e.Message.ReplaceLineEndings(" ")})", e);
        }
    }

    private static T Open<T>(ReadOnlyMemory<byte> encoded, string name, PictureLimits? limits, Func<EncodedPicture, PictureLimits, T> use)
    {
        ArgumentNullException.ThrowIfNull(name);
        limits ??= PictureLimits.Default;
        limits = limits with { Pixels = Math.Min(limits.Pixels, MostPixels) };
        CheckBytes(encoded.Length, name, limits);
        try
        {
            using EncodedPicture file = EncodedPicture.Open(encoded);
            return use(file, limits);
        }
        catch (InvalidDataException e)
        {
            throw new BadFileException(name, e.Message, e);
        }
    }

    private static void CheckBytes(long bytes, string name, PictureLimits limits)
    {
        if (bytes > limits.Bytes)
        {
            throw new BadFileException(name, $"{bytes} bytes, more than the {limits.Bytes} that a picture file may have");
        }
    }
}
