using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;

namespace CMUNeXt.Imaging.Tests.Formats;

/// <summary>Writes TIFF files: with LibTiff, one row a strip, or tiles of 16 x 16; by hand, whatever a test wants.</summary>
internal static class TiffBuilder
{
    public static byte[] Image(
        int width,
        int height,
        int bits,
        int perPixel,
        Photometric photometric,
        byte[] rows,
        Compression compression = Compression.NONE,
        string mode = "w",
        bool tiled = false,
        bool separate = false,
        int orientation = 1,
        ushort[]? palette = null,
        int pages = 1,
        bool thumbnails = false,
        SampleFormat? format = null)
    {
        using MemoryStream stream = new();
        using (Tiff tiff = Tiff.ClientOpen("made by a test", mode, stream, new TiffStream()))
        {
            for (int page = 0; page < pages; page++)
            {
                tiff.SetField(TiffTag.IMAGEWIDTH, width);
                tiff.SetField(TiffTag.IMAGELENGTH, height);
                tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
                tiff.SetField(TiffTag.SAMPLESPERPIXEL, perPixel);
                tiff.SetField(TiffTag.PHOTOMETRIC, photometric);
                tiff.SetField(TiffTag.COMPRESSION, compression);
                tiff.SetField(TiffTag.PLANARCONFIG, separate ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG);
                tiff.SetField(TiffTag.ORIENTATION, orientation);
                if (format is { } sampleFormat)
                {
                    tiff.SetField(TiffTag.SAMPLEFORMAT, sampleFormat);
                }

                if (thumbnails && page > 0)
                {
                    tiff.SetField(TiffTag.SUBFILETYPE, FileType.REDUCEDIMAGE);
                }

                if (palette is not null)
                {
                    int size = palette.Length / 3;
                    tiff.SetField(TiffTag.COLORMAP, palette[..size], palette[size..(2 * size)], palette[(2 * size)..]);
                }

                if (photometric == Photometric.RGB && perPixel == 4)
                {
                    tiff.SetField(TiffTag.EXTRASAMPLES, 1, new short[] { (short)ExtraSample.UNASSALPHA });
                }

                WritePixels(tiff, width, height, bits, perPixel, rows, tiled, separate);
                tiff.WriteDirectory();
            }
        }

        return stream.ToArray();
    }

    /// <summary>A gray image of 8 bits whose directory says what a test has it say, sound or not.</summary>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    /// <param name="compression">Of the bytes.</param>
    /// <param name="tileWidth">In pixels; 0 for strips.</param>
    /// <param name="pieceHeight">The rows of a strip or tile.</param>
    /// <param name="pieces">Where in the bytes each strip or tile begins, and its length.</param>
    /// <param name="bytes">What stands behind the directory.</param>
    /// <param name="more">More entries, or others of the same tags; the value, or where in the file the values stand.</param>
    public static byte[] Gray(
        int width,
        int height,
        Compression compression,
        int tileWidth,
        int pieceHeight,
        (int Offset, int Length)[] pieces,
        byte[] bytes,
        params (TiffTag Tag, TiffType Type, int Count, int Value)[] more)
    {
        const int Directory = 8;
        const int Places = 512;
        int lengths = Places + (4 * pieces.Length);
        int pixels = lengths + (4 * pieces.Length);
        bool tiled = tileWidth > 0;

        // A single value stands in the entry itself.
        bool single = pieces.Length == 1;
        List<(TiffTag Tag, TiffType Type, int Count, int Value)> entries =
        [
            (TiffTag.IMAGEWIDTH, TiffType.LONG, 1, width),
            (TiffTag.IMAGELENGTH, TiffType.LONG, 1, height),
            (TiffTag.BITSPERSAMPLE, TiffType.SHORT, 1, 8),
            (TiffTag.COMPRESSION, TiffType.SHORT, 1, (int)compression),
            (TiffTag.PHOTOMETRIC, TiffType.SHORT, 1, (int)Photometric.MINISBLACK),
            (TiffTag.SAMPLESPERPIXEL, TiffType.SHORT, 1, 1),
            (tiled ? TiffTag.TILELENGTH : TiffTag.ROWSPERSTRIP, TiffType.LONG, 1, pieceHeight),
            (tiled ? TiffTag.TILEOFFSETS : TiffTag.STRIPOFFSETS, TiffType.LONG, pieces.Length, single ? pixels + pieces[0].Offset : Places),
            (tiled ? TiffTag.TILEBYTECOUNTS : TiffTag.STRIPBYTECOUNTS, TiffType.LONG, pieces.Length, single ? pieces[0].Length : lengths),
        ];
        if (tiled)
        {
            entries.Add((TiffTag.TILEWIDTH, TiffType.LONG, 1, tileWidth));
        }

        entries.AddRange(more);
        byte[] file = new byte[pixels + bytes.Length];
        "II*\0"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), Directory);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Directory), (ushort)entries.Count);
        for (int i = 0; i < entries.Count; i++)
        {
            Span<byte> entry = file.AsSpan(Directory + 2 + (12 * i), 12);
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)entries[i].Type);
            BinaryPrimitives.WriteInt32LittleEndian(entry[4..], entries[i].Count);
            BinaryPrimitives.WriteInt32LittleEndian(entry[8..], entries[i].Value);
        }

        for (int i = 0; i < pieces.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(Places + (4 * i)), pixels + pieces[i].Offset);
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(lengths + (4 * i)), pieces[i].Length);
        }

        bytes.CopyTo(file, pixels);
        return file;
    }

    /// <summary>
    /// The entry of a tag in the first directory of a file with the low byte first, to be written over: tag, type, count and value.
    /// </summary>
    public static Span<byte> Entry(byte[] file, TiffTag tag)
    {
        int directory = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(directory));
        int at = Enumerable.Range(0, entries).Select(i => directory + 2 + (12 * i))
            .Single(place => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(place)) == (int)tag);
        return file.AsSpan(at, 12);
    }

    /// <summary>Gives a tag another value, of 32 bits.</summary>
    public static void Replace(byte[] file, TiffTag tag, int value)
    {
        Span<byte> entry = Entry(file, tag);
        BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)TiffType.LONG);
        BinaryPrimitives.WriteInt32LittleEndian(entry[8..], value);
    }

    private static void WritePixels(Tiff tiff, int width, int height, int bits, int perPixel, byte[] rows, bool tiled, bool separate)
    {
        int planes = separate ? perPixel : 1;
        int samples = separate ? 1 : perPixel;
        int rowBytes = ((width * perPixel * bits) + 7) / 8;
        if (tiled)
        {
            tiff.SetField(TiffTag.TILEWIDTH, 16);
            tiff.SetField(TiffTag.TILELENGTH, 16);
        }
        else
        {
            tiff.SetField(TiffTag.ROWSPERSTRIP, 1);
        }

        int sampleBytes = Math.Max(1, bits / 8);
        for (short plane = 0; plane < planes; plane++)
        {
            for (int top = 0; top < height; top += tiled ? 16 : 1)
            {
                for (int left = 0; left < (tiled ? width : 1); left += 16)
                {
                    if (!tiled && !separate)
                    {
                        Assert.True(tiff.WriteScanline(rows[(top * rowBytes)..((top + 1) * rowBytes)], top));
                        continue;
                    }

                    int blockWidth = tiled ? 16 : width;
                    byte[] block = new byte[blockWidth * (tiled ? 16 : 1) * samples * sampleBytes];
                    for (int y = 0; y < (tiled ? 16 : 1) && top + y < height; y++)
                    {
                        for (int x = 0; x < blockWidth && left + x < width; x++)
                        {
                            int source = (((((top + y) * width) + left + x) * perPixel) + plane) * sampleBytes;
                            int target = ((y * blockWidth) + x) * samples * sampleBytes;
                            rows.AsSpan(source, samples * sampleBytes).CopyTo(block.AsSpan(target));
                        }
                    }

                    Assert.True(tiled
                        ? tiff.WriteTile(block, 0, left, top, 0, plane) >= 0
                        : tiff.WriteScanline(block, top, plane));
                }
            }
        }
    }
}
