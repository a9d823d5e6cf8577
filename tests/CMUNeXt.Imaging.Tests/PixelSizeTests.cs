using System.Buffers.Binary;
using CMUNeXt.Imaging.Tests.Formats;
using CMUNeXt.Masks;

namespace CMUNeXt.Imaging.Tests;

/// <summary>The size of a pixel that a PNG gives, and the resolutions that say nothing of the body.</summary>
public sealed class PixelSizeTests
{
    [Theory]
    [InlineData(10_000, 5_000, 1, 0.1, 0.2)]
    [InlineData(8_000, 8_000, 1, 0.125, 0.125)]
    [InlineData(2_835, 11_111, 1, 1000 / 2835.0, 1000 / 11111.0)]
    public void It_is_read(int across, int down, byte unit, double width, double height) =>
        Assert.Equal(new PixelSize(width, height), ImageFile.Identify(Png(across, down, unit), "image").PixelSize);

    [Theory]
    [InlineData(2_834, 2_834, 1)]
    [InlineData(2_835, 2_835, 1)]
    [InlineData(3_779, 3_779, 1)]
    [InlineData(3_780, 3_780, 1)]
    [InlineData(4_331, 4_331, 1)]
    [InlineData(6_614, 6_614, 1)]
    [InlineData(7_559, 7_559, 1)]
    [InlineData(8_503, 8_504, 1)]
    [InlineData(9_843, 9_843, 1)]
    [InlineData(11_339, 11_339, 1)]
    [InlineData(11_811, 11_811, 1)]
    [InlineData(13_780, 13_780, 1)]
    [InlineData(19_685, 19_685, 1)]
    [InlineData(23_622, 23_622, 1)]
    [InlineData(39_370, 39_370, 1)]
    [InlineData(94_488, 94_488, 1)]
    [InlineData(10_000, 10_000, 0)]
    [InlineData(10_000, 10_000, 2)]
    [InlineData(0, 10_000, 1)]
    [InlineData(10_000, 0, 1)]
    [InlineData(20_000_000, 10_000, 1)]
    [InlineData(10_000, 9, 1)]
    public void What_is_none_of_the_body_is_left_out(int across, int down, byte unit) =>
        Assert.Null(ImageFile.Identify(Png(across, down, unit), "image").PixelSize);

    [Fact]
    public void Without_it_there_is_none() =>
        Assert.Null(ImageFile.Identify(PngBuilder.Image(1, 1, 8, 0, interlaced: false, [7]), "image").PixelSize);

    private static byte[] Png(int across, int down, byte unit)
    {
        byte[] size = new byte[9];
        BinaryPrimitives.WriteInt32BigEndian(size, across);
        BinaryPrimitives.WriteInt32BigEndian(size.AsSpan(4), down);
        size[8] = unit;
        byte[] pixels = PngBuilder.Compress([0, 7]);
        return new PngBuilder().Header(1, 1, 8, 0).Chunk("pHYs", size).Chunk("IDAT", pixels).End().ToArray();
    }
}
