using System.Buffers.Binary;

using CMUNeXt.Drawing.Formats;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Tests;
using CMUNeXt.Imaging.Tests.Formats;

namespace CMUNeXt.Drawing.Tests.Formats;

public sealed class SkiaDecoderTests
{
    static SkiaDecoderTests() => SkiaDecoder.Register();

    [Fact]
    public void WebP_without_loss_gives_the_stored_values()
    {
        Image expected = SomeImage.Noise(33, 20, 3);
        byte[] file = SkiaBuilder.LosslessWebP(expected);
        Assert.Equal(expected.Pixels, ImageFile.Decode(file, "test.webp").Pixels);
        Assert.Equal(new ImageInfo(ImageFormat.WebP, 33, 20, PixelLayout.Rgb, 8, 1), ImageFile.Identify(file, "test.webp"));
    }

    [Fact]
    public void WebP_with_alpha_keeps_its_colors()
    {
        Image expected = SomeImage.Noise(33, 20, 3);
        byte[] alpha = [.. SomeImage.Noise(33, 20, 1, seed: 2).Pixels.Select(v => Math.Max(v, (byte)1))];
        byte[] file = SkiaBuilder.LosslessWebP(expected, alpha);
        Assert.Equal(PixelLayout.Rgba, ImageFile.Identify(file, "test.webp").Layout);
        Assert.Equal(expected.Pixels, ImageFile.Decode(file, "test.webp").Pixels);
    }

    [Theory]
    [MemberData(nameof(Upright.Orientations), MemberType = typeof(Upright))]
    public void WebP_is_shown_upright(int orientation, string firstRowThenColumn)
    {
        Image stored = SomeImage.Noise(33, 20, 3);
        Image expected = Upright.Of(stored, firstRowThenColumn);
        byte[] file = SkiaBuilder.WithOrientation(SkiaBuilder.LosslessWebP(stored), 33, 20, orientation);
        Image shown = ImageFile.Decode(file, "test.webp");
        Assert.Equal((expected.Width, expected.Height), (shown.Width, shown.Height));
        Assert.Equal(expected.Pixels, shown.Pixels);
        ImageInfo info = ImageFile.Identify(file, "test.webp");
        Assert.Equal((expected.Width, expected.Height, orientation), (info.Width, info.Height, info.Orientation));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(128, false)]
    public void Alpha_that_varies_is_told(byte second, bool varies)
    {
        byte[] file = SkiaBuilder.LosslessWebP(new Image(3, 1, 3, new byte[9]), [128, second, 128]);
        ImageFile.Decode(file, "test.webp", out ImageInfo info);
        Assert.Equal(varies, info.AlphaVaries);
    }

    // Made by Pillow: 0, 85, 170 and 255 in turn.
    [Fact]
    public void Gif_gives_the_colors_of_its_palette()
    {
        byte[] file = Convert.FromBase64String("R0lGODdhBwAFAIEAAP///6qqqlVVVQAAACwAAAAABwAFAAAIFAAHCAgAQCBBgwUHJjyoEKHDgQEBADs=");
        Assert.Equal(new ImageInfo(ImageFormat.Gif, 7, 5, PixelLayout.Palette, 8, 1), ImageFile.Identify(file, "test.gif"));
        byte[] expected = [.. Enumerable.Range(0, 35).SelectMany(i => Enumerable.Repeat((byte)(i % 4 * 85), 3))];
        Assert.Equal(expected, ImageFile.Decode(file, "test.gif").Pixels);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(20_000)]
    public void An_animation_is_refused_with_the_number_of_its_frames(int frames)
    {
        string problem = $"it holds {frames} frames where 1 may be: split it into one file for each";
        foreach (byte[] file in new[] { AnimatedGif(frames), AnimatedWebP(frames) })
        {
            Assert.Equal(frames, ImageFile.Identify(file, "the file").Frames);
            BadFile.Expect(file, problem);
            BadFile.Expect(file, $"where {frames - 1} may be", new ImageLimits { Frames = frames - 1 });
            Assert.Equal(7, ImageFile.Decode(file, "the file", new ImageLimits { Frames = frames }).Width);
        }
    }

    [Fact]
    public void An_animation_of_one_frame_is_an_image()
    {
        Assert.Equal(7, ImageFile.Decode(AnimatedGif(1), "the file").Width);
        Assert.Equal(7, ImageFile.Decode(AnimatedWebP(1), "the file").Width);
    }

    [Fact]
    public void A_damaged_Gif_is_read_only_where_no_second_frame_can_follow()
    {
        byte[] one = AnimatedGif(1)[..^1];
        Assert.Equal(1, FrameCount.OfGif((byte[])[.. one, 0, 0, 0, 0]));
        byte[] hidden = [.. one, 0, .. AnimatedGif(1)[13..]];
        BadFile.Expect(hidden, "a damaged Gif: copy it again");
    }

    [Fact]
    public void Frames_are_counted_within_the_data_wherever_it_ends()
    {
        byte[] gif = AnimatedGif(3);
        byte[] webP = AnimatedWebP(3);
        for (int length = 0; length <= gif.Length; length++)
        {
            Assert.InRange(FrameCount.OfGif(gif.AsMemory(0, length)), 0, 3);
        }

        for (int length = 0; length <= webP.Length; length++)
        {
            Assert.InRange(FrameCount.OfWebP(webP.AsMemory(0, length)), 0, 3);
        }

        // A chunk that says it is longer than any file ends the count.
        webP.AsSpan(webP.AsSpan().IndexOf("ANMF"u8) + 4, 4).Fill(0xFF);
        Assert.Equal(1, FrameCount.OfWebP(webP));
    }

    [Fact]
    public void Without_the_decoder_what_adds_it_is_named()
    {
        byte[] file = SkiaBuilder.LosslessWebP(SomeImage.Noise(5, 4, 3));
        ImageReader reader = new(ImageDecoder.Png, ImageDecoder.Tiff);
        string message = Assert.Throws<BadFileException>(() => reader.Decode(file, "a.webp")).Message;
        Assert.Equal(
            "a.webp: a GIF or WebP: convert it to PNG, or in a program add the package CMUNeXt.Drawing and call SkiaDecoder.Register()",
            message);
        message = Assert.Throws<BadFileException>(() => reader.Decode("no image"u8.ToArray(), "a.png")).Message;
        Assert.Equal("a.png: not an image of a kind that is read (PNG, TIFF), whatever its name says", message);
        reader.Add(SkiaDecoder.WebP);
        Assert.Equal(5, reader.Decode(file, "a.webp").Width);
    }

    [Fact]
    public void One_beyond_the_limit_is_refused_before_anything_is_allocated()
    {
        byte[] file = SkiaBuilder.LosslessWebP(SomeImage.Noise(40, 30, 3));
        Assert.Equal(40, ImageFile.Decode(file, "the file", new ImageLimits { Pixels = 1200 }).Width);
        BadFile.Expect(file, "40 x 30 pixels", new ImageLimits { Pixels = 1199 });

        // VP8L: a signature byte, then 14 bits of width - 1 and 14 of height - 1; 16,383 is the largest size.
        Span<byte> size = file.AsSpan(file.AsSpan().IndexOf("VP8L"u8) + 9);
        BinaryPrimitives.WriteUInt32LittleEndian(
            size, (BinaryPrimitives.ReadUInt32LittleEndian(size) & 0xF0000000) | 16382u | (16382u << 14));
        long before = GC.GetAllocatedBytesForCurrentThread();
        BadFile.Expect(file, "16383 x 16383 pixels");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_truncated_file_is_refused_wherever_it_ends()
    {
        byte[] file = SkiaBuilder.LosslessWebP(SomeImage.Noise(40, 30, 3));

        // The last two bytes are padding.
        for (int length = 0; length < file.Length - 2; length += Math.Max(1, file.Length / 97))
        {
            BadFile.Expect(file[..length], "");
        }
    }

    // The image that Pillow made, once for each frame, behind a comment, with a color table of its own, and with what was there before
    // restored after it.
    private static byte[] AnimatedGif(int frames)
    {
        byte[] one = Convert.FromBase64String("R0lGODdhBwAFAIEAAP///6qqqlVVVQAAACwAAAAABwAFAAAIFAAHCAgAQCBBgwUHJjyoEKHDgQEBADs=");
        int image = 13 + 12;
        byte[] table = one[13..image];
        byte[] frame =
        [
            0x21, 0xFE, 2, 0x2C, 0x2C, 0, 0x21, 0xF9, 4, 3 << 2, 1, 0, 0, 0,
            .. one[image..(image + 9)], 0x81, .. table, .. one[(image + 10)..^1],
        ];
        return [.. "GIF89a"u8, .. one[6..image], .. Enumerable.Repeat(frame, frames).SelectMany(static part => part), 0x3B];
    }

    private static byte[] AnimatedWebP(int frames)
    {
        byte[] image = SkiaBuilder.LosslessWebP(SomeImage.Noise(7, 5, 3))[12..];
        byte[] frame =
        [
            .. "ANMF"u8, .. BitConverter.GetBytes(16 + image.Length), 0, 0, 0, 0, 0, 0, 6, 0, 0, 4, 0, 0, 100, 0, 0, 0, .. image,
        ];
        byte[] chunks =
        [
            .. "WEBPVP8X"u8, 10, 0, 0, 0, 2, 0, 0, 0, 6, 0, 0, 4, 0, 0, .. "ANIM"u8, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            .. Enumerable.Repeat(frame, frames).SelectMany(static part => part),
        ];
        return [.. "RIFF"u8, .. BitConverter.GetBytes(chunks.Length), .. chunks];
    }
}
