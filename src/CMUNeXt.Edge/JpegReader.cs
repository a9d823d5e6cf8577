using BitMiracle.LibJpeg.Classic;
using CMUNeXt.Images;
using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Edge;

/// <summary>Decodes JPEG with a managed port of the Independent JPEG Group's library.</summary>
internal static class JpegReader
{
    private const int ExifMarker = 0xE1;

    /// <summary>Decodes a file.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="checkSize">Throws where width and height, as the header has them, are not acceptable.</param>
    /// <exception cref="InvalidDataException">It is damaged or ends too early, or its size is not acceptable.</exception>
    public static Image Read(ReadOnlyMemory<byte> file, Action<long, long> checkSize)
    {
        try
        {
            return Decode(file, checkSize);
        }
        catch (Exception e) when (e is not (InvalidDataException or OutOfMemoryException))
        {
            // On damaged files the decoder fails in whatever way it runs into them.
            throw Damaged(e.Message);
        }
    }

    private static Image Decode(ReadOnlyMemory<byte> file, Action<long, long> checkSize)
    {
        Errors errors = new();
        jpeg_decompress_struct jpeg = new(errors);
        using MemoryStream stream = new(file.ToArray());
        jpeg.jpeg_save_markers(ExifMarker, 0xFFFF);
        jpeg.jpeg_stdio_src(stream);
        jpeg.jpeg_read_header(true);
        checkSize(jpeg.Image_width, jpeg.Image_height);
        if (jpeg.Jpeg_color_space is J_COLOR_SPACE.JCS_CMYK or J_COLOR_SPACE.JCS_YCCK)
        {
            throw new InvalidDataException("a JPEG in printing colours (CMYK), which is not read: convert it to PNG");
        }

        bool grey = jpeg.Jpeg_color_space == J_COLOR_SPACE.JCS_GRAYSCALE;
        jpeg.Out_color_space = grey ? J_COLOR_SPACE.JCS_GRAYSCALE : J_COLOR_SPACE.JCS_RGB;
        int orientation = OrientationOf(jpeg);
        jpeg.jpeg_start_decompress();
        int channels = grey ? 1 : 3;
        int length = jpeg.Output_width * channels;
        byte[] pixels = new byte[length * jpeg.Output_height];
        byte[][] rows = [new byte[length]];
        for (int y = 0; y < jpeg.Output_height; y++)
        {
            jpeg.jpeg_read_scanlines(rows, 1);
            rows[0].CopyTo(pixels, y * length);
        }

        jpeg.jpeg_finish_decompress();
        return errors.Warning is { } warning
            ? throw Damaged(warning)
            : Orientation.Apply(new Image(jpeg.Output_width, jpeg.Output_height, channels, pixels), orientation);
    }

    private static int OrientationOf(jpeg_decompress_struct jpeg)
    {
        foreach (jpeg_marker_struct marker in jpeg.Marker_list)
        {
            if (marker.Marker == ExifMarker && marker.Data.AsSpan().StartsWith("Exif\0\0"u8))
            {
                return TiffDirectory.OrientationOf(marker.Data.AsMemory(6));
            }
        }

        return Orientation.Upright;
    }

    private static InvalidDataException Damaged(string what) =>
        new($"a damaged JPEG ({what.ReplaceLineEndings(" ")}): copy it again from its source, or convert it to PNG");

    /// <summary>Keeps the first warning, where the library itself would print it and go on with pixels made up.</summary>
    private sealed class Errors : jpeg_error_mgr
    {
        public string? Warning { get; private set; }

        public override void emit_message(int msg_level)
        {
            if (msg_level < 0)
            {
                Warning ??= format_message();
            }
        }

        public override void output_message()
        {
        }
    }
}
