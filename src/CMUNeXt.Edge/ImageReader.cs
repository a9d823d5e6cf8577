using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Edge;

/// <summary>Reads PNG, JPEG and BMP without native code, told apart by content.</summary>
internal static class ImageReader
{
    // An image's pixels have to fit into one array.
    private static readonly long MostPixels = Math.Min(ImageLimits.Default.Pixels, Array.MaxLength / 3);

    /// <summary>Reads an image file.</summary>
    /// <exception cref="BadFileException">The file is missing, no image, damaged, or too large.</exception>
    public static Image Read(string path)
    {
        try
        {
            return Decode(ReadFile(path));
        }
        catch (InvalidDataException e)
        {
            throw new BadFileException(path, e.Message, e);
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

    /// <summary>Decodes a file's content; the orientation in it is honoured.</summary>
    /// <exception cref="InvalidDataException">It is no image, damaged, or too large.</exception>
    public static Image Decode(ReadOnlyMemory<byte> file)
    {
        if (file.IsEmpty)
        {
            throw new InvalidDataException("the file is empty: copy it again from its source");
        }

        if (file.Span.StartsWith(PngHeader.Signature))
        {
            return ReadPng(file);
        }

        if (file.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return JpegReader.Read(file, CheckSize);
        }

        return file.Span.StartsWith("BM"u8)
            ? BmpReader.Read(file.Span, CheckSize)
            : throw new InvalidDataException("not an image of a kind that is read (PNG, JPEG, BMP), whatever its name says");
    }

    private static Image ReadPng(ReadOnlyMemory<byte> file)
    {
        PngChunks chunks = PngChunks.Read(file, headOnly: true);
        CheckSize(chunks.Header.Width, chunks.Header.Height);
        if (chunks.Frames > 1)
        {
            throw new InvalidDataException($"it holds {chunks.Frames} frames where 1 may be: split it into one file for each");
        }

        return Orientation.Apply(PngReader.Read(PngChunks.Read(file, headOnly: false), grey: false), chunks.Orientation);
    }

    private static byte[] ReadFile(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InvalidDataException("a folder, not an image file: name a file in it");
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (stream.Length > ImageLimits.Default.Bytes)
        {
            throw new InvalidDataException($"{stream.Length} bytes, more than the {ImageLimits.Default.Bytes} that an image file may have");
        }

        byte[] content = GC.AllocateUninitializedArray<byte>((int)stream.Length);
        stream.ReadExactly(content);
        return content;
    }

    private static void CheckSize(long width, long height)
    {
        if (width * height > MostPixels)
        {
            throw new InvalidDataException($"{width} x {height} pixels, more than the {MostPixels / 1e6:0.##} megapixels allowed: make the image smaller");
        }
    }
}
