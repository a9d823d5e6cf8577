using System.Buffers;
using System.IO.Compression;
using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// Decodes PNG to the values that OpenCV reads: 16 bits become 8 by their high byte (<see cref="SixteenBits"/> where that would be black),
/// fewer than 8 are stretched to 0..255, alpha is dropped without blending, and neither gamma nor a color profile is applied.
/// </summary>
internal static class PngReader
{
    // Deflate cannot shrink data further than this, so a longer promise is a lie that need not be allocated for.
    private const long LargestCompression = 1032;

    // Rows are decompressed together, as many as fit into this, since each call has its price.
    private const int BytesAtOnce = 1 << 16;

    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Decodes the pixels of chunks whose size the caller has found acceptable.</summary>
    /// <param name="chunks">The complete chunks.</param>
    /// <param name="gray">Converts colors to gray, as IMREAD_GRAYSCALE does.</param>
    /// <param name="sixteen">What samples of 16 bits there were; null where samples have fewer.</param>
    /// <param name="alphaVaries">Whether pixels differ in their alpha.</param>
    /// <exception cref="InvalidDataException">The pixels are damaged or end too early.</exception>
    public static Image Read(PngChunks chunks, bool gray, out SixteenBits? sixteen, out bool alphaVaries)
    {
        PngHeader header = chunks.Header;
        long promised = header.RowBytes(header.Width) * header.Height;
        long stored = chunks.Pixels.Sum(piece => (long)piece.Length);
        if (promised > stored * LargestCompression)
        {
            throw Truncated();
        }

        MemoryStream compressed = Join(chunks.Pixels, stored);
        (byte[] pixels, PngRows rows) = Expand(compressed, chunks, gray, bits: 16);
        sixteen = header.Depth == 16 ? rows.Sixteen : null;
        alphaVaries = rows.AlphaVaries;
        if (sixteen is { HasFewer: true })
        {
            pixels = Expand(compressed, chunks, gray, PixelBuffer.SignificantBitsFor(sixteen.Largest)).Pixels;
        }

        return new Image(header.Width, header.Height, rows.Channels, pixels);
    }

    private static (byte[] Pixels, PngRows Rows) Expand(MemoryStream compressed, PngChunks chunks, bool gray, int bits)
    {
        PngHeader header = chunks.Header;
        PngRows rows = new(chunks, gray, bits);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(checked(header.Width * header.Height * rows.Channels));
        compressed.Position = 0;
        using ZLibStream source = new(compressed, CompressionMode.Decompress, leaveOpen: true);
        if (header.Interlaced)
        {
            foreach ((int x, int y, int stepX, int stepY) in Passes)
            {
                ReadPass(source, rows, header, pixels, x, y, stepX, stepY);
            }
        }
        else
        {
            ReadPass(source, rows, header, pixels, 0, 0, 1, 1);
        }

        return (pixels, rows);
    }

    private static void ReadPass(ZLibStream source, PngRows rows, PngHeader header, byte[] pixels, int x0, int y0, int stepX, int stepY)
    {
        int width = (header.Width - x0 + stepX - 1) / stepX;
        if (width <= 0)
        {
            return;
        }

        int channels = rows.Channels;
        int length = (int)header.RowBytes(width);
        int filterStep = Math.Max(1, header.Samples * header.Depth / 8);
        byte[] expanded = stepX == 1 ? [] : new byte[width * channels];

        // A number for the filter stands before each row. The first row here is the one above, zeros at first.
        int stride = length + 1;
        int most = Math.Clamp(BytesAtOnce / stride, 1, header.Height);
        byte[] stored = ArrayPool<byte>.Shared.Rent((most + 1) * stride);
        stored.AsSpan(0, stride).Clear();
        for (int y = y0; y < header.Height;)
        {
            int count = Math.Min(most, (header.Height - y + stepY - 1) / stepY);
            ReadRows(source, stored.AsSpan(stride, count * stride));
            PngFilter.Undo(stored.AsSpan(0, (count + 1) * stride), stride, filterStep);
            for (int i = 1; i <= count; i++, y += stepY)
            {
                ReadOnlySpan<byte> current = stored.AsSpan((i * stride) + 1, length);
                Span<byte> row = pixels.AsSpan(y * header.Width * channels, header.Width * channels);
                if (stepX == 1)
                {
                    rows.Expand(current, row);
                    continue;
                }

                rows.Expand(current, expanded);
                for (int x = 0; x < width; x++)
                {
                    expanded.AsSpan(x * channels, channels).CopyTo(row[((x0 + (x * stepX)) * channels)..]);
                }
            }

            stored.AsSpan(count * stride, stride).CopyTo(stored);
        }

        ArrayPool<byte>.Shared.Return(stored);
    }

    private static void ReadRows(ZLibStream source, Span<byte> rows)
    {
        try
        {
            source.ReadExactly(rows);
        }
        catch (EndOfStreamException)
        {
            throw Truncated();
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("a damaged PNG: its pixels cannot be decompressed; copy the file again from its source", e);
        }
    }

    private static MemoryStream Join(List<ReadOnlyMemory<byte>> pieces, long length)
    {
        byte[] joined = GC.AllocateUninitializedArray<byte>((int)length);
        int end = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            piece.CopyTo(joined.AsMemory(end));
            end += piece.Length;
        }

        return new MemoryStream(joined);
    }

    private static InvalidDataException Truncated() => new("the PNG's pixels end too early: copy the file again from its source");
}
