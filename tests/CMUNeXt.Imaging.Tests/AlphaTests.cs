using System.Runtime.InteropServices;
using BitMiracle.LibTiff.Classic;
using CMUNeXt.Imaging.Tests.Formats;

namespace CMUNeXt.Imaging.Tests;

/// <summary>Whether pixels differ in their alpha, which is dropped: in a mask of one color nothing else tells the lesion.</summary>
public sealed class AlphaTests
{
    private const int Width = 21;
    private const int Height = 19;

    [Theory]
    [InlineData(4, 8, false)]
    [InlineData(4, 16, true)]
    [InlineData(6, 8, true)]
    [InlineData(6, 16, false)]
    public void One_pixel_of_another_alpha_in_a_png_is_told(byte colorType, byte depth, bool interlaced)
    {
        foreach ((bool varies, ushort[] samples) in Samples(colorType == 4 ? 2 : 4))
        {
            int[] values = [.. samples.Select(static sample => (int)sample)];
            Check(varies, PngBuilder.Image(Width, Height, depth, colorType, interlaced, values));
        }
    }

    [Theory]
    [InlineData(8, false, false)]
    [InlineData(8, true, true)]
    [InlineData(16, false, true)]
    [InlineData(16, true, false)]
    public void One_pixel_of_another_alpha_in_a_tiff_is_told(int bits, bool tiled, bool separate)
    {
        foreach ((bool varies, ushort[] samples) in Samples(4))
        {
            byte[] rows = bits == 16
                ? MemoryMarshal.AsBytes<ushort>(samples).ToArray() : [.. samples.Select(static sample => (byte)sample)];
            byte[] file = TiffBuilder.Image(Width, Height, bits, 4, Photometric.RGB, rows, tiled: tiled, separate: separate);
            byte[] colors = [.. samples.Where(static (_, i) => i % 4 < 3).Select(static sample => (byte)sample)];
            Assert.Equal(colors, Check(varies, file));
        }
    }

    [Theory]
    [InlineData(true, new byte[] { 0, 255 }, new byte[] { 0, 1 })]
    [InlineData(true, new byte[] { 0 }, new byte[] { 0, 1 })]
    [InlineData(false, new byte[] { 0 }, new byte[] { 0, 0 })]
    [InlineData(false, new byte[] { 255 }, new byte[] { 0, 1 })]
    [InlineData(false, new byte[] { }, new byte[] { 0, 1 })]
    public void A_color_of_a_palette_without_an_alpha_is_opaque(bool varies, byte[] alphas, byte[] pixels)
    {
        byte[] file = new PngBuilder().Header(2, 1, 8, 3).Chunk("PLTE", new byte[6]).Chunk("tRNS", alphas)
            .Chunk("IDAT", PngBuilder.Compress([0, .. pixels])).End().ToArray();
        Assert.Equal(new byte[6], Check(varies, file));
    }

    private static byte[] Check(bool varies, byte[] file)
    {
        byte[] pixels = ImageFile.Decode(file, "test", out ImageInfo info).Pixels;
        Assert.Equal(varies, info.AlphaVaries);
        return pixels;
    }

    // Colors that differ, above one alpha, and above one that a single pixel has not, which is the second or the last.
    private static IEnumerable<(bool Varies, ushort[] Samples)> Samples(int perPixel)
    {
        foreach (int? other in (int?[])[null, 1, (Width * Height) - 1])
        {
            ushort[] samples = [.. Enumerable.Range(0, Width * Height * perPixel).Select(static i => (ushort)(i % 251))];
            for (int pixel = 0; pixel < Width * Height; pixel++)
            {
                samples[((pixel + 1) * perPixel) - 1] = (ushort)(pixel == other ? 201 : 200);
            }

            yield return (other is not null, samples);
        }
    }
}
