using System.Buffers.Binary;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests;

/// <summary>Every encoding and photometric interpretation decodes to what pydicom and DCMTK decode.</summary>
public sealed class DicomImageTests(MadeFiles files) : IClassFixture<MadeFiles>
{
    public static TheoryData<string> Names => new(MadeFiles.Names);

    /// <summary>The files that are not gray.</summary>
    public static TheoryData<string> Colored => new(MadeFiles.Names.Where(static name => !name.StartsWith("monochrome")));

    [Theory]
    [MemberData(nameof(Names))]
    public void Stored_values_are_those_of_pydicom(string name)
    {
        string path = files.Find(name);
        using DicomFile file = DicomFile.Open(path);
        DicomImage image = file.OpenImage();
        byte[] actual = [.. Enumerable.Range(0, image.FrameCount).SelectMany(i => image.ReadStored(i).Bytes)];
        AssertDecoded(File.ReadAllBytes(path + ".stored"), actual, file);
    }

    [Theory]
    [MemberData(nameof(Colored))]
    public void Colors_are_those_of_pydicom(string name)
    {
        string path = files.Find(name);
        using DicomFile file = DicomFile.Open(path);
        DicomImage image = file.OpenImage();
        Image[] frames = [.. Enumerable.Range(0, image.FrameCount).Select(image.ReadFrame)];
        Assert.All(frames, frame => Assert.Equal((MadeFile.Width, MadeFile.Height, 3), (frame.Width, frame.Height, frame.Channels)));
        AssertDecoded(File.ReadAllBytes(path + ".rendered"), [.. frames.SelectMany(static frame => frame.Pixels)], file);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pixels_that_share_no_colors_are_read_whole_though_the_file_says_that_they_do(bool isPlanar)
    {
        DicomTools.Need("dump2dcm", "dcmodify");
        using TemporaryFolder folder = new();
        string path = folder.File("loop.dcm");
        new MadeFile("YBR_FULL", IsPlanar: isPlanar, Frames: 2).Write(folder, path);
        byte[][] expected = ReadAll();
        DicomTools.Run("dcmodify", "-q", "-nb", "-m", "(0028,0004)=YBR_FULL_422", path);
        Assert.Equal(expected, ReadAll());

        byte[][] ReadAll()
        {
            using DicomFile file = DicomFile.Open(path);
            DicomImage image = file.OpenImage();
            return [image.ReadFrame(0).Pixels, image.ReadFrame(1).Pixels];
        }
    }

    [Theory]
    [InlineData("MONOCHROME2", 8, "(0028,1050) DS 100\n(0028,1051) DS 90\n")]
    [InlineData("MONOCHROME1", 8, "(0028,1050) DS 100\n(0028,1051) DS 90\n")]
    [InlineData("MONOCHROME2", 16, "(0028,1050) DS 12000.5\\300\n(0028,1051) DS 20001\\10\n")]
    [InlineData("MONOCHROME2", 12, "(0028,1050) DS 500\n(0028,1051) DS 1500\n(0028,1052) DS -1024\n(0028,1053) DS 1.5\n")]
    public void A_window_makes_the_gray_levels_that_DCMTK_makes(string photometric, int bits, string window)
    {
        DicomTools.Need("dump2dcm", "dcmj2pnm");
        using TemporaryFolder folder = new();
        string path = folder.File("image.dcm");
        new MadeFile(photometric, bits) { Extra = window }.Write(folder, path);
        DicomTools.Run("dcmj2pnm", "+Wi", "1", "+op", path, folder.File("image.pgm"));
        byte[] expected = File.ReadAllBytes(folder.File("image.pgm"))[^(MadeFile.Width * MadeFile.Height)..];

        using DicomFile file = DicomFile.Open(path);
        Image image = file.OpenImage().ReadFrame(0);
        Assert.Equal(1, image.Channels);
        Assert.InRange(expected.Zip(image.Pixels, (a, b) => Math.Abs(a - b)).Max(), 0, 1);
        Assert.NotInRange(expected.Distinct().Count(), 0, 9);
    }

    /// <summary>
    /// From the least value that can be stored to the largest, as a window of all of them has it (PS3.3, C.11.2.1.2.1): of 8 bits, the
    /// values themselves.
    /// </summary>
    [Theory]
    [InlineData("MONOCHROME2", 8, 7, false)]
    [InlineData("MONOCHROME1", 8, 7, false)]
    [InlineData("MONOCHROME2", 8, 7, true)]
    [InlineData("MONOCHROME2", 5, 6, false)]
    [InlineData("MONOCHROME2", 12, 11, false)]
    [InlineData("MONOCHROME2", 12, 14, false)]
    [InlineData("MONOCHROME1", 12, 14, true)]
    [InlineData("MONOCHROME2", 16, 15, false)]
    [InlineData("MONOCHROME2", 16, 15, true)]
    public void Without_a_window_all_that_can_be_stored_is_shown(string photometric, int bits, int highBit, bool isSigned)
    {
        DicomTools.Need("dump2dcm");
        MadeFile made = new(photometric, bits) { HighBit = highBit, IsSigned = isSigned };
        int largest = (1 << bits) - 1;
        int least = isSigned ? -(1 << (bits - 1)) : 0;
        byte[] bytes = made.Pixels();
        int[] allocated = bits > 8 ? [.. bytes.Chunk(2).Select(static pair => pair[0] + (256 * pair[1]))] : [.. bytes];
        byte[] expected = [.. allocated.Select(word => Level((word >> (highBit + 1 - bits)) & largest))];
        Image image = Read(made);
        Assert.Equal(1, image.Channels);
        Assert.Equal(expected, image.Pixels);

        // None is halfway between two levels, since the largest is odd.
        byte Level(int stored)
        {
            int value = isSigned && stored > largest / 2 ? stored - largest - 1 : stored;
            int level = ((2 * 255 * (value - least)) + largest) / (2 * largest);
            return (byte)(photometric == "MONOCHROME1" ? 255 - level : level);
        }
    }

    [Theory]
    [InlineData(5, 6)]
    [InlineData(12, 11)]
    [InlineData(12, 14)]
    [InlineData(16, 15)]
    public void Colors_of_other_than_8_bits_are_those_of_DCMTK(int bits, int highBit)
    {
        DicomTools.Need("dump2dcm", "dcmj2pnm");
        using TemporaryFolder folder = new();
        string path = folder.File("image.dcm");
        new MadeFile("RGB", bits) { HighBit = highBit }.Write(folder, path);
        DicomTools.Run("dcmj2pnm", "+op", path, folder.File("image.ppm"));
        byte[] expected = File.ReadAllBytes(folder.File("image.ppm"))[^(MadeFile.Width * MadeFile.Height * 3)..];

        using DicomFile file = DicomFile.Open(path);
        Assert.Equal(expected, file.OpenImage().ReadFrame(0).Pixels);
    }

    [Fact]
    public void Without_a_window_a_slope_below_0_shows_the_negative()
    {
        DicomTools.Need("dump2dcm");
        byte[] plain = Read(new MadeFile("MONOCHROME2")).Pixels;
        byte[] negative = Read(new MadeFile("MONOCHROME2") { Extra = "(0028,1052) DS 100\n(0028,1053) DS -1\n" }).Pixels;
        Assert.Equal(plain.Select(static value => (byte)(255 - value)), negative);
    }

    [Theory]
    [InlineData("(0018,0040) IS 29.97\n", 1000 / 29.97, 2000 / 29.97)]
    [InlineData("(0018,0040) IS fast\n", null, null)]
    [InlineData("(0018,0040) IS 1e-320\n", null, null)]
    [InlineData("(0008,2144) IS 1e-320\n", null, null)]
    [InlineData("(0018,1063) DS slow\n(0018,0040) IS 25\n", 40.0, 80.0)]
    [InlineData("(0008,2144) IS 20\n", 50.0, null)]
    public void A_rate_that_is_no_number_is_one_that_is_not_known(string rate, double? pace, double? third)
    {
        DicomTools.Need("dump2dcm");
        using TemporaryFolder folder = new();
        string path = folder.File("loop.dcm");
        new MadeFile("MONOCHROME2", Frames: 3) { Extra = rate }.Write(folder, path);
        using DicomFile file = DicomFile.Open(path);
        Near(pace, file.OpenImage().FrameTime);
        Near(third, file.OpenImage().TimeOf(2));

        static void Near(double? expected, double? actual) => Assert.Equal(expected ?? double.NaN, actual ?? double.NaN, 1e-9);
    }

    [Fact]
    public void A_file_that_counts_0_frames_has_one()
    {
        DicomTools.Need("dump2dcm", "dcmodify");
        using TemporaryFolder folder = new();
        string path = folder.File("image.dcm");
        MadeFile made = new("MONOCHROME2");
        made.Write(folder, path);
        DicomTools.Run("dcmodify", "-q", "-nb", "-m", "(0028,0008)=0", path);
        using DicomFile file = DicomFile.Open(path);
        DicomImage image = file.OpenImage();
        Assert.Equal(1, image.FrameCount);
        Assert.Equal(made.Pixels(), image.ReadFrame(0).Pixels);
    }

    [Theory]
    [InlineData("0\\40\\60", new[] { 0.0, 40, 100 }, 50)]
    [InlineData("0\\0\\60", new[] { 0.0, 0, 60 }, 30)]
    [InlineData("0\\40", new[] { 0.0, 25, 50 }, 25)]
    [InlineData("0\\40\\-10", new[] { 0.0, 25, 50 }, 25)]
    [InlineData("0\\0\\0", new[] { 0.0, 25, 50 }, 25)]
    [InlineData("0\\40\\late", new[] { 0.0, 25, 50 }, 25)]
    public void Frames_that_follow_each_other_unevenly_have_their_times(string vector, double[] times, double mean)
    {
        DicomTools.Need("dump2dcm");
        using TemporaryFolder folder = new();
        string path = folder.File("loop.dcm");
        new MadeFile("MONOCHROME2", Frames: 3) { Extra = $"(0018,0040) IS 40\n(0018,1065) DS {vector}\n" }.Write(folder, path);
        using DicomFile file = DicomFile.Open(path);
        DicomImage image = file.OpenImage();
        Assert.Equal(times, Enumerable.Range(0, 3).Select(frame => image.TimeOf(frame)!.Value));
        Assert.Equal(mean, image.FrameTime!.Value, 1e-9);
        Assert.Throws<ArgumentOutOfRangeException>(() => image.TimeOf(3));
    }

    /// <summary>First comes the distance from one row to the next (PS3.3, 10.7.1.3): a pixel's height.</summary>
    [Theory]
    [InlineData("(0028,0030) DS 0.1\\0.2\n", new[] { 0.2, 0.1 })]
    [InlineData("(0028,0030) DS 0,1\\0,2\n", null)]
    [InlineData("(0028,0030) DS 0.1\\\n", null)]
    [InlineData("(0028,0030) DS 1e200\\1e200\n", null)]
    [InlineData("(0028,0030) DS 0.1\\1e-9\n", null)]
    public void A_spacing_that_is_none_of_a_body_is_one_that_is_not_known(string spacing, double[]? size)
    {
        DicomTools.Need("dump2dcm");
        using TemporaryFolder folder = new();
        string path = folder.File("image.dcm");
        new MadeFile("MONOCHROME2") { Extra = spacing }.Write(folder, path);
        using DicomFile file = DicomFile.Open(path);
        DicomImage image = file.OpenImage();
        Assert.Equal(size is null ? null : new PixelSize(size[0], size[1]), image.PixelSizeOf(new BoundingBox(0, 0, 1, 1)));
        Assert.Equal(MadeFile.Width, image.ReadFrame(0).Width);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(6)]
    public void A_frame_is_as_it_is_stored_whatever_its_JPEG_says_of_its_orientation(int orientation)
    {
        byte[] jpeg = File.ReadAllBytes(files.Find("monochrome1-8-jpeg"));
        using DicomFile plain = DicomFile.Parse(jpeg, "plain");
        Image expected = plain.OpenImage().ReadFrame(0);
        using DicomFile turned = DicomFile.Parse(WithOrientation(jpeg, (byte)orientation), "turned");
        Image actual = turned.OpenImage().ReadFrame(0);
        Assert.Equal((MadeFile.Width, MadeFile.Height), (actual.Width, actual.Height));
        Assert.Equal(expected.Pixels, actual.Pixels);
    }

    [Theory]
    [InlineData("monochrome2-8-jpeg", 3)]
    [InlineData("rgb-8-jpeg", 2)]
    public void Frames_in_two_fragments_each_without_an_offset_table_are_those_of_one_fragment_each(string name, int frames)
    {
        byte[] whole = File.ReadAllBytes(files.Find(name));
        using DicomFile plain = DicomFile.Parse(whole, "plain");
        using DicomFile halved = DicomFile.Parse(InHalves(whole, plain), "halved");
        DicomImage expected = plain.OpenImage();
        DicomImage actual = halved.OpenImage();
        Assert.Equal((frames, frames), (expected.FrameCount, actual.FrameCount));
        for (int frame = 0; frame < frames; frame++)
        {
            Assert.Equal(expected.ReadFrame(frame).Pixels, actual.ReadFrame(frame).Pixels);
        }
    }

    [Fact]
    public void Fragments_that_make_no_frames_are_refused_in_a_line_that_names_a_tool()
    {
        byte[] whole = File.ReadAllBytes(files.Find("monochrome2-8-jpeg"));
        using DicomFile plain = DicomFile.Parse(whole, "plain");
        byte[] halves = InHalves(whole, plain);
        halves.AsSpan(halves.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]), 2).Clear();
        using DicomFile damaged = DicomFile.Parse(halves, "damaged");
        BadFileException e = Assert.Throws<BadFileException>(() => damaged.OpenImage());
        Assert.Equal("its 6 fragments do not make its 3 frames: copy it again, or convert it with \"dcmdjpeg IN.dcm OUT.dcm\"", e.Problem);
    }

    [Fact]
    public void A_file_that_can_no_longer_be_read_is_named_in_one_line()
    {
        BadFileException e = Assert.Throws<BadFileException>(
            () => DicomFile.Checked<string>("a.dcm", static () => throw new IOException("the share\nis gone")));
        Assert.Equal("a.dcm: it cannot be read (the share is gone)", e.Message);
    }

    [Fact]
    public async Task A_pipe_is_no_DICOM_file_and_is_not_waited_for()
    {
        using TemporaryFolder folder = new();
        string pipe = NamedPipe.At(folder.File("pipe"));
        Task<bool> looking = Task.Run(() => DicomFile.HasSignature(pipe), TestContext.Current.CancellationToken);
        Assert.False(await looking.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Throws<BadFileException>(() => DicomFile.Open(pipe));
    }

    /// <summary>Two decoders of JPEG round a sample apart, by 1 at most; everything else is exact.</summary>
    internal static void AssertDecoded(byte[] expected, byte[] actual, DicomFile file)
    {
        Assert.Equal(expected.Length, actual.Length);
        int tolerance = file.Syntax.Compression == FrameCompression.Jpeg ? 1 : 0;
        Assert.InRange(expected.Zip(actual, static (a, b) => Math.Abs(a - b)).Max(), 0, tolerance);
    }

    // Each fragment as two, after an offset table that is empty.
    private static byte[] InHalves(byte[] dicom, DicomFile file)
    {
        IReadOnlyList<Fragment> fragments = file.Data.Find(DicomAttribute.PixelData)!.Fragments!;
        List<byte> halved = [.. dicom[..(int)fragments[0].ItemOffset], .. ItemOf([])];
        foreach (Fragment fragment in fragments.Skip(1))
        {
            byte[] frame = dicom[(int)fragment.Offset..(int)(fragment.Offset + fragment.Length)];
            int half = frame.Length / 4 * 2;
            halved.AddRange([.. ItemOf(frame[..half]), .. ItemOf(frame[half..])]);
        }

        return [.. halved, 0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0];

        static byte[] ItemOf(byte[] content) => [0xFE, 0xFF, 0x00, 0xE0, .. BitConverter.GetBytes(content.Length), .. content];
    }

    // Into the only fragment goes a segment of Exif data that holds an orientation alone.
    private static byte[] WithOrientation(byte[] dicom, byte orientation)
    {
        byte[] exif =
        [
            0xFF, 0xE1, 0, 34, .. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0,
        ];
        int start = dicom.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);
        byte[] turned = [.. dicom[..(start + 2)], .. exif, .. dicom[(start + 2)..]];
        Span<byte> length = turned.AsSpan(start - 4);
        BinaryPrimitives.WriteInt32LittleEndian(length, BinaryPrimitives.ReadInt32LittleEndian(length) + exif.Length);
        return turned;
    }

    private static Image Read(MadeFile made)
    {
        using TemporaryFolder folder = new();
        string path = folder.File("image.dcm");
        made.Write(folder, path);
        using DicomFile file = DicomFile.Open(path);
        return file.OpenImage().ReadFrame(0);
    }
}
