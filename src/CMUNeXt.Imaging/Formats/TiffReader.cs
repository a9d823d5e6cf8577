using BitMiracle.LibTiff.Classic;

using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Formats;

/// <summary>
/// Decodes a TIFF's first page: LibTiff undoes the compression, the samples are turned into 8-bit gray or RGB here, without the
/// blending of alpha that its own conversion does.
/// </summary>
internal static class TiffReader
{
    public const long WhiteIsZero = 0;
    public const long BlackIsZero = 1;
    public const long Rgb = 2;
    public const long Palette = 3;

    private const long OldJpeg = 6;
    private const long Jpeg = 7;

    // None, CCITT (2 to 4 and 32771), LZW, JPEG (6 the old kind), Deflate (8 and 32946), NeXT, PackBits, ThunderScan.
    private static readonly long[] Compressions = [1, 2, 3, 4, 5, 6, 7, 8, 32766, 32771, 32773, 32809, 32946];

    private static readonly Dictionary<long, string> CompressionNames = new()
    {
        [33003] = "JPEG 2000", [33005] = "JPEG 2000", [34712] = "JPEG 2000", [34887] = "LERC", [34925] = "LZMA",
        [50000] = "Zstandard", [50001] = "WebP", [50002] = "JPEG XL",
    };

    /// <summary>The number of pages that are images of their own.</summary>
    public static int Frames(List<TiffDirectory> pages) => 1 + pages.Skip(1).Count(page => !page.IsThumbnail);

    /// <summary>Decodes a page whose size the caller has found acceptable, as stored: its orientation is not applied.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="page">The page.</param>
    /// <param name="mostPixels">The limit on pixels, which a tile must keep as well; all together may have twice as many.</param>
    /// <param name="sixteen">What samples of 16 bits there were; null where samples have fewer.</param>
    /// <param name="alphaVaries">Whether pixels of gray or RGB differ in their alpha.</param>
    /// <exception cref="InvalidDataException">The page is damaged, ends too early, or is of a kind that is not read.</exception>
    public static Image Read(
        ReadOnlyMemory<byte> file, TiffDirectory page, long mostPixels, out SixteenBits? sixteen, out bool alphaVaries)
    {
        Check(page, mostPixels);
        page.CheckPixelsLieIn(file.Length);
        if (page.Compression is OldJpeg or Jpeg)
        {
            // LibTiff has a decoder of its own for them, which takes any number of scans.
            foreach (ReadOnlyMemory<byte> piece in page.Pieces(file))
            {
                JpegFile.CheckScans(piece.Span);
            }
        }

        byte[] alone = page.Alone(file);
        if (page.Photometric is not (WhiteIsZero or BlackIsZero or Rgb or Palette))
        {
            (sixteen, alphaVaries) = (null, false);
            return Open(alone, tiff => ReadConverted(tiff, page));
        }

        TiffSamples samples = new(page, bits: 16);
        Image image = Open(alone, tiff => ReadSamples(tiff, page, samples));
        sixteen = page.BitsPerSample == 16 ? samples.Sixteen : null;
        alphaVaries = samples.AlphaVaries;
        if (sixteen is { HasFewer: true })
        {
            TiffSamples lower = new(page, PixelBuffer.SignificantBitsFor(sixteen.Largest));
            image = Open(alone, tiff => ReadSamples(tiff, page, lower));
        }

        return image;
    }

    private static Image Open(byte[] alone, Func<Tiff, Image> read)
    {
        using TiffMessages listening = TiffMessages.Listen();
        using MemoryStream stream = new(alone, writable: false);
        using Tiff? tiff = Tiff.ClientOpen("tiff", "r", stream, new TiffStream());
        if (tiff is null)
        {
            throw new InvalidDataException("a damaged TIFF: its header cannot be read");
        }

        Image image = read(tiff);
        return TiffMessages.Patched is { } patched
            ? throw new InvalidDataException(
                $"the TIFF's pixels are damaged ({patched.ReplaceLineEndings(" ").Trim()}): copy the file again from its source")
            : image;
    }

    private static void Check(TiffDirectory page, long mostPixels)
    {
        if (!Compressions.Contains(page.Compression))
        {
            string name = CompressionNames.GetValueOrDefault(page.Compression, $"compression {page.Compression}");
            throw new InvalidDataException($"a TIFF of a kind that is not read ({name}): save it uncompressed, or convert it to PNG");
        }

        long samples = page.SamplesPerPixel;
        bool sound = page.Photometric switch
        {
            Rgb => samples is 3 or 4,
            Palette => samples == 1 && page.BitsPerSample <= 8,
            WhiteIsZero or BlackIsZero => samples is 1 or 2,
            _ => samples is >= 1 and <= 5,
        };
        if (page.SampleFormat != 1 || !page.Uniform || page.BitsPerSample is not (1 or 2 or 4 or 8 or 16)
            || (page.BitsPerSample < 8 && samples != 1) || !sound || page.Planes is not (1 or 2))
        {
            throw new InvalidDataException(
                $"a TIFF of a kind that is not read ({samples} samples of {page.BitsPerSample} bits, format {page.SampleFormat}, "
                    + $"color space {page.Photometric}): convert it to 8 or 16 bits, gray or RGB");
        }

        // Tiles are decoded whole, what of them lies outside of the image as well. The last ones may pass its edges.
        if (page.TileWidth < 0 || page.TileHeight < 0
            || (page.TileWidth > 0 && (page.TileHeight == 0 || page.TileWidth > mostPixels / page.TileHeight
                || page.PiecesPerPlane > 2 * mostPixels / (page.TileWidth * page.TileHeight))))
        {
            throw new InvalidDataException(
                $"a damaged TIFF: tiles of {page.TileWidth} x {page.TileHeight} for an image of {page.Width} x {page.Height}");
        }

        // LibTiff takes the strips of such planes in turn, and begins the plane anew for each.
        if (page is { Compression: OldJpeg, Planes: 2, SamplesPerPixel: > 1, PiecesPerPlane: > 1 })
        {
            throw new InvalidDataException(
                "a TIFF of a kind that is not read (old JPEG with a plane for each color): convert it to PNG");
        }
    }

    private static Image ReadSamples(Tiff tiff, TiffDirectory page, TiffSamples samples)
    {
        int width = (int)page.Width;
        int height = (int)page.Height;
        byte[] pixels = new byte[(long)width * height * samples.Channels];
        bool separate = page.Planes == 2 && page.SamplesPerPixel > 1;

        // Compressed strips can only be read from the top down, so planes are the outer loop.
        for (int plane = 0; plane < (separate ? page.SamplesPerPixel : 1); plane++)
        {
            int perPixel = separate ? 1 : (int)page.SamplesPerPixel;
            if (page.TileWidth == 0)
            {
                byte[] row = new byte[Math.Max(tiff.ScanlineSize(), samples.Bytes(width, perPixel))];
                for (int y = 0; y < height; y++)
                {
                    Demand(tiff.ReadScanline(row, y, (short)plane));
                    samples.Expand(row, perPixel, pixels, y * width, width, plane);
                }
            }
            else
            {
                ReadTiles(tiff, page, samples, pixels, plane, perPixel);
            }
        }

        return new Image(width, height, samples.Channels, pixels);
    }

    private static void ReadTiles(Tiff tiff, TiffDirectory page, TiffSamples samples, byte[] pixels, int plane, int perPixel)
    {
        int width = (int)page.Width;
        int height = (int)page.Height;
        int tileWidth = (int)page.TileWidth;
        int tileHeight = (int)page.TileHeight;
        int rowBytes = samples.Bytes(tileWidth, perPixel);
        byte[] tile = new byte[Math.Max(tiff.TileSize(), (long)rowBytes * tileHeight)];
        for (int top = 0; top < height; top += tileHeight)
        {
            for (int left = 0; left < width; left += tileWidth)
            {
                Demand(tiff.ReadTile(tile, 0, left, top, 0, (short)plane) >= 0);
                for (int y = top; y < Math.Min(top + tileHeight, height); y++)
                {
                    ReadOnlySpan<byte> row = tile.AsSpan((y - top) * rowBytes, rowBytes);
                    samples.Expand(row, perPixel, pixels, (y * width) + left, Math.Min(tileWidth, width - left), plane);
                }
            }
        }
    }

    private static Image ReadConverted(Tiff tiff, TiffDirectory page)
    {
        int width = (int)page.Width;
        int height = (int)page.Height;
        int[] raster = new int[(long)width * height];

        Demand(tiff.ReadRGBAImageOriented(width, height, raster, BitMiracle.LibTiff.Classic.Orientation.TOPLEFT, true));
        byte[] pixels = new byte[raster.Length * 3];
        for (int i = 0; i < raster.Length; i++)
        {
            pixels[3 * i] = (byte)Tiff.GetR(raster[i]);
            pixels[(3 * i) + 1] = (byte)Tiff.GetG(raster[i]);
            pixels[(3 * i) + 2] = (byte)Tiff.GetB(raster[i]);
        }

        return new Image(width, height, 3, pixels);
    }

    private static void Demand(bool done)
    {
        if (!done)
        {
            throw new InvalidDataException("the TIFF's pixels are damaged or end too early: copy the file again from its source");
        }
    }
}
