using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging.Tests.Formats;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Imaging.Tests;

public sealed class ImageFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 1, 3)]
    [InlineData(61, 47, 1)]
    [InlineData(61, 47, 3)]
    public void A_written_image_reads_the_same(int width, int height, int channels)
    {
        foreach (Image expected in new[] { SomeImage.Noise(width, height, channels), SomeImage.Smooth(width, height, channels) })
        {
            string path = folder.File("image.png");
            ImageFile.SavePng(path, expected);
            Image actual = ImageFile.Load(path);
            Assert.Equal((width, height, channels), (actual.Width, actual.Height, actual.Channels));
            Assert.Equal(expected.Pixels, actual.Pixels);
        }
    }

    // Skia's decoder is another implementation than ours.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_written_image_reads_the_same_elsewhere(int channels)
    {
        Image expected = SomeImage.Smooth(50, 40, channels);
        using SkiaSharp.SKBitmap bitmap = SkiaSharp.SKBitmap.Decode(ImageFile.EncodePng(expected));
        Assert.Equal(channels == 1 ? SkiaSharp.SKColorType.Gray8 : bitmap.ColorType, bitmap.ColorType);
        for (int i = 0; i < 50 * 40; i++)
        {
            SkiaSharp.SKColor color = bitmap.GetPixel(i % 50, i / 50);
            Assert.Equal(expected.Pixels[i * channels], color.Red);
            Assert.Equal(expected.Pixels[(i * channels) + channels - 1], color.Blue);
        }
    }

    [Fact]
    public void A_smooth_image_is_written_smaller_than_its_pixels()
    {
        Image image = SomeImage.Smooth(300, 200, 3);
        Assert.InRange(ImageFile.EncodePng(image).Length, 1, image.Pixels.Length / 5);
    }

    [Fact]
    public void A_mask_of_one_class_is_written_as_0_and_255()
    {
        string path = folder.File("mask.png");
        ImageFile.SaveMask(path, new Mask(3, 1, [0, 1, 1]), MaskValues.ZeroOr255);
        Assert.Equal([0, 255, 255], ImageFile.Load(path).Pixels);
        Assert.Equal([0, 1, 1], ImageFile.LoadMask(path, MaskValues.ZeroOr255).Pixels);
    }

    [Fact]
    public void A_label_map_is_written_as_class_indices()
    {
        string path = folder.File("mask.png");
        ImageFile.SaveMask(path, new Mask(3, 1, [0, 2, 5]), MaskValues.ClassIndices);
        Assert.Equal([0, 2, 5], ImageFile.Load(path).Pixels);
        Assert.Equal([0, 2, 5], ImageFile.LoadMask(path, MaskValues.ClassIndices).Pixels);
    }

    [Theory]
    [InlineData(1, new[] { 0, 1, 1 })]
    [InlineData(2, new[] { 0, 1, 3 })]
    [InlineData(4, new[] { 0, 1, 15 })]
    [InlineData(16, new[] { 0, 1, 255 })]
    public void A_label_map_of_any_depth_has_its_classes(int depth, int[] classes)
    {
        string path = folder.File("mask.png");
        File.WriteAllBytes(path, PngBuilder.Image(3, 1, (byte)depth, 0, false, classes));
        Assert.Equal(classes, ImageFile.LoadMask(path, MaskValues.ClassIndices).Pixels.Select(static value => (int)value));
    }

    [Fact]
    public void The_classes_of_a_bmp_are_the_grays_of_its_palette()
    {
        string path = folder.File("mask.bmp");
        byte[] palette = [.. Enumerable.Range(0, 3).SelectMany(static i => (byte[])[(byte)i, (byte)i, (byte)i, 0])];
        File.WriteAllBytes(path, BmpBuilder.Image(3, 1, 4, [[0x01, 0x20]], palette));
        Assert.Equal([0, 1, 2], ImageFile.LoadMask(path, MaskValues.ClassIndices).Pixels);
    }

    [Theory]
    [InlineData(1, 256)]
    [InlineData(512, 768)]
    public void A_label_map_of_more_than_256_classes_is_refused(int first, int second)
    {
        string path = folder.File("mask.png");
        File.WriteAllBytes(path, PngBuilder.Image(3, 1, 16, 0, false, [0, first, second]));
        BadFile.Check(
            Assert.Throws<BadFileException>(() => ImageFile.LoadMask(path, MaskValues.ClassIndices)), path, "more than 8 bits");
    }

    [Fact]
    public void Blurred_mask_values_fall_to_the_nearer_side()
    {
        string path = folder.File("mask.png");
        ImageFile.SavePng(path, new Image(4, 1, 1, [3, 127, 128, 240]));
        Assert.Equal([0, 0, 1, 1], ImageFile.LoadMask(path, MaskValues.ZeroOr255).Pixels);
    }

    [Fact]
    public void The_content_and_not_the_name_tells_the_format()
    {
        string path = folder.File("image.tif");
        ImageFile.SavePng(path, SomeImage.Noise(3, 3, 1));
        Assert.Equal(ImageFormat.Png, ImageFile.Identify(path).Format);
        Assert.Equal(3, ImageFile.Load(path).Width);
    }

    [Fact]
    public void What_is_no_image_is_named_in_one_line()
    {
        Expect("text.png", "these are notes, not an image\nof two lines"u8.ToArray(), "not an image");
        Expect("empty.png", [], "empty");
        Expect("short.png", [0x89], "not an image");
        string missing = folder.File("missing.png");
        FileNotFoundException absent = Assert.Throws<FileNotFoundException>(() => ImageFile.Load(missing));
        Assert.Equal((missing, $"{missing}: there is no such file"), (absent.FileName, absent.Message));
        BadFile.Check(Assert.Throws<BadFileException>(() => ImageFile.Load(folder.Path)), folder.Path, "a folder");
    }

    [Fact]
    public void A_file_with_too_many_bytes_is_not_read()
    {
        string path = folder.File("image.png");
        ImageFile.SavePng(path, SomeImage.Noise(30, 30, 3));
        ImageLimits limits = new() { Bytes = 1000 };
        BadFile.Check(Assert.Throws<BadFileException>(() => ImageFile.Load(path, limits)), path, "more than the 1000");
        BadFile.Check(Assert.Throws<BadFileException>(() => ImageFile.Identify(path, limits)), path, "more than the 1000");
    }

    [Theory]
    [MemberData(nameof(Corpus.Names), MemberType = typeof(Corpus))]
    public void A_image_at_the_limit_is_read_and_one_beyond_refused(string name)
    {
        byte[] file = Corpus.File(name);
        ImageInfo info = ImageFile.Identify(file, name);
        long pixels = (long)info.Width * info.Height;
        Assert.Equal(info.Width, ImageFile.Decode(file, name, new ImageLimits { Pixels = pixels }).Width);
        BadFile.Expect(file, $"{info.Width} x {info.Height} pixels", new ImageLimits { Pixels = pixels - 1 });
    }

    [Theory]
    [MemberData(nameof(Corpus.Names), MemberType = typeof(Corpus))]
    public void A_header_of_30000_x_30000_is_refused_before_anything_is_allocated(string name)
    {
        byte[] file = Corpus.WithSize(name, 30_000, 30_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        BadFile.Expect(file, "30000 x 30000 pixels");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    // A JPEG cannot even say so much.
    [Theory]
    [InlineData("png")]
    [InlineData("bmp")]
    [InlineData("tiff")]
    public void A_header_with_a_side_beyond_65535_is_refused(string name)
    {
        BadFile.Expect(Corpus.WithSize(name, 1, 65_536), "1 x 65536 pixels, more than the 65535 allowed on a side");
        BadFile.Expect(Corpus.WithSize(name, 65_536, 1), "65536 x 1 pixels, more than the 65535 allowed on a side");
    }

    [Theory]
    [InlineData(1, 65_535)]
    [InlineData(65_535, 1)]
    public void The_longest_side_is_read_and_a_longer_one_where_it_is_allowed(int width, int height)
    {
        byte[] file = ImageFile.EncodePng(new Image(width, height, 1, new byte[width * height]));
        Image image = ImageFile.Decode(file, "a line");
        Assert.Equal((width, height), (image.Width, image.Height));
        BadFile.Expect(file, "more than the 65534 allowed on a side", new ImageLimits { Side = 65_534 });
        byte[] longer = ImageFile.EncodePng(new Image(70_000, 1, 1, new byte[70_000]));
        Assert.Equal(70_000, ImageFile.Decode(longer, "a line", new ImageLimits { Side = 70_000 }).Width);
    }

    [Theory]
    [MemberData(nameof(Corpus.Names), MemberType = typeof(Corpus))]
    public void A_truncated_file_is_refused_wherever_it_ends(string name)
    {
        byte[] file = Corpus.File(name);
        for (int length = 0; length < file.Length - Corpus.DispensableEnd(name); length += Math.Max(1, file.Length / 97))
        {
            byte[] part = file[..length];
            BadFileException e = Assert.Throws<BadFileException>(() => ImageFile.Decode(part, name));
            Assert.DoesNotContain('\n', e.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Corpus.Names), MemberType = typeof(Corpus))]
    public void A_damaged_file_is_read_or_refused_but_nothing_else(string name)
    {
        Random random = new(7);
        byte[] file = Corpus.File(name);
        int refused = 0;
        for (int i = 0; i < 150; i++)
        {
            byte[] damaged = (byte[])file.Clone();
            for (int k = 0; k < 1 + (i % 4); k++)
            {
                damaged[random.Next(Math.Min(damaged.Length, i % 2 == 0 ? 120 : damaged.Length))] = (byte)random.Next(256);
            }

            try
            {
                ImageFile.Decode(damaged, name, new ImageLimits { Pixels = 4_000_000 });
            }
            catch (BadFileException e)
            {
                Assert.DoesNotContain('\n', e.Message);
                refused++;
            }
        }

        Assert.NotEqual(0, refused);
    }

    private void Expect(string name, byte[] content, string phrase)
    {
        string path = folder.File(name);
        File.WriteAllBytes(path, content);
        BadFile.Check(Assert.Throws<BadFileException>(() => ImageFile.Load(path)), path, phrase);
        BadFile.Check(Assert.Throws<BadFileException>(() => ImageFile.Identify(path)), path, phrase);
    }
}
