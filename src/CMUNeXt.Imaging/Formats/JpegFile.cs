using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BitMiracle.LibJpeg.Classic;

namespace CMUNeXt.Imaging.Formats;

/// <summary>A JPEG file whose header has been read, and its planes of samples.</summary>
internal sealed class JpegFile
{
    private const int BlockSize = 8;
    private const int ExifMarker = 0xE1;
    private const byte Scan = 0xDA;

    // A block of 64 samples takes at least one bit, so a larger promise is a lie that need not be allocated for.
    private const long MostPixelsPerByte = 512;

    // Encoders write some ten. Each costs as much time as the image is large, however few bytes it has.
    private const int MostScans = 100;

    private readonly jpeg_decompress_struct jpeg;
    private readonly JpegMessages messages;
    private readonly int fileLength;

    private JpegFile(jpeg_decompress_struct jpeg, JpegMessages messages, int fileLength)
    {
        this.jpeg = jpeg;
        this.messages = messages;
        this.fileLength = fileLength;
        Orientation = OrientationOf(jpeg);
    }

    public int Width => jpeg.Image_width;

    public int Height => jpeg.Image_height;

    public J_COLOR_SPACE ColorSpace => jpeg.Jpeg_color_space;

    /// <summary>The orientation in its Exif data.</summary>
    public int Orientation { get; }

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of a kind that is not read.</exception>
    public static JpegFile Open(ReadOnlyMemory<byte> file) => JpegMessages.Guard(() =>
    {
        JpegMessages messages = new();
        jpeg_decompress_struct jpeg = new(messages);
        jpeg.jpeg_save_markers(ExifMarker, 0xFFFF);
        jpeg.jpeg_stdio_src(ToStream(file));
        jpeg.jpeg_read_header(true);
        if (jpeg.Jpeg_color_space is not (J_COLOR_SPACE.JCS_GRAYSCALE or J_COLOR_SPACE.JCS_YCbCr or J_COLOR_SPACE.JCS_RGB
            or J_COLOR_SPACE.JCS_CMYK or J_COLOR_SPACE.JCS_YCCK))
        {
            throw new InvalidDataException($"a JPEG of {jpeg.Num_components} unnamed components, which is not read: convert it to PNG");
        }

        if (IsProgressiveWithRestarts(file.Span))
        {
            throw new InvalidDataException("a progressive JPEG with restart markers, which is not read: convert it to PNG");
        }

        messages.HeaderIsRead();
        return new JpegFile(jpeg, messages, file.Length);
    });

    /// <summary>Refuses a JPEG of too many scans before a decoder sees it that does not count them.</summary>
    /// <exception cref="InvalidDataException">It has too many.</exception>
    public static void CheckScans(ReadOnlySpan<byte> jpeg)
    {
        // Compressed samples never hold the marker, and little else in the file could hold it by chance.
        if (jpeg.Count((ReadOnlySpan<byte>)[0xFF, Scan]) > MostScans)
        {
            throw TooManyScans();
        }
    }

    /// <summary>Decodes the samples of each component, at its own size.</summary>
    /// <exception cref="InvalidDataException">They are damaged or incomplete: the decoder had to make up a part.</exception>
    public JpegPlane[] ReadPlanes() => JpegMessages.Guard(() =>
    {
        if ((long)Width * Height > MostPixelsPerByte * fileLength)
        {
            throw JpegMessages.Damaged("it ends too early");
        }

        jpeg.Raw_data_out = true;

        // Else the cosine transform itself enlarges shrunk colors.
        jpeg.Do_fancy_upsampling = false;
        jpeg.Out_color_space = jpeg.Jpeg_color_space;
        jpeg.Progress = new ScanLimit(jpeg);
        jpeg.jpeg_start_decompress();
        JpegPlane[] planes = [.. jpeg.Comp_info.Take(jpeg.Num_components).Select(component => new JpegPlane(component, jpeg))];
        byte[][][] rows = [.. planes.Select(static plane => plane.NewRows())];
        int lines = jpeg.Max_v_samp_factor * BlockSize;
        for (int y = 0; y < Height; y += lines)
        {
            jpeg.jpeg_read_raw_data(rows, lines);
            for (int i = 0; i < planes.Length; i++)
            {
                planes[i].Take(rows[i], y / lines);
            }
        }

        jpeg.jpeg_finish_decompress();
        messages.Demand(IsComplete());
        return planes;
    });

    // The library loses count of the restarts in progressive files.
    private static bool IsProgressiveWithRestarts(ReadOnlySpan<byte> file)
    {
        const int Progressive = 0xC2;
        const int RestartInterval = 0xDD;
        bool progressive = false;
        bool restarts = false;
        for (int at = 2; at + 6 <= file.Length && file[at] == 0xFF && file[at + 1] != Scan;)
        {
            if (file[at + 1] == 0xFF)
            {
                at++;
                continue;
            }

            progressive |= file[at + 1] == Progressive;
            restarts |= file[at + 1] == RestartInterval && (file[at + 4] | file[at + 5]) != 0;
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
        }

        return progressive && restarts;
    }

    private static InvalidDataException TooManyScans() =>
        new($"a JPEG of more than {MostScans} scans, which is not read: convert it to PNG");

    private static MemoryStream ToStream(ReadOnlyMemory<byte> file) =>
        MemoryMarshal.TryGetArray(file, out ArraySegment<byte> array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(file.ToArray(), writable: false);

    private static int OrientationOf(jpeg_decompress_struct jpeg)
    {
        foreach (jpeg_marker_struct marker in jpeg.Marker_list)
        {
            if (marker.Marker == ExifMarker && marker.Data.AsSpan().StartsWith("Exif\0\0"u8))
            {
                return TiffDirectory.OrientationOf(marker.Data.AsMemory(6));
            }
        }

        return Formats.Orientation.Upright;
    }

    // A progressive file says for each coefficient how many low bits are still to come: -1 where nothing of it came.
    private bool IsComplete() =>
        jpeg.Coef_bits is null || jpeg.Coef_bits.Take(jpeg.Num_components).All(static component => component.All(static bits => bits == 0));

    private sealed class ScanLimit : jpeg_progress_mgr
    {
        public ScanLimit(jpeg_decompress_struct jpeg) => OnProgress += (_, _) =>
        {
            if (jpeg.Input_scan_number > MostScans)
            {
                throw TooManyScans();
            }
        };
    }
}
