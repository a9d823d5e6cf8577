using CMUNeXt.Dicom.Format;
using CMUNeXt.Images;

namespace CMUNeXt.Dicom.Tests;

/// <summary>Every encoding and photometric interpretation decodes to what pydicom and DCMTK decode.</summary>
public sealed class DicomImageTests(MadeFiles files) : IClassFixture<MadeFiles>
{
    public static TheoryData<string> Names => new(MadeFiles.Names);

    /// <summary>The files whose stored values are not yet colors.</summary>
    public static TheoryData<string> Indirect =>
        new(MadeFiles.Names.Where(name => name.StartsWith("palette") || (name.StartsWith("ybr") && !name.EndsWith("jpeg"))));

    [Theory]
    [MemberData(nameof(Names))]
    public void Stored_values_are_those_of_pydicom(string name)
    {
        string path = files.Find(name);
        using DicomFile file = DicomFile.Open(path);
        DicomImage image = file.OpenImage();
        byte[] expected = File.ReadAllBytes(path + ".stored");
        byte[] actual = [.. Enumerable.Range(0, image.FrameCount).SelectMany(i => image.ReadStored(i).Bytes)];
        Assert.Equal(expected.Length, actual.Length);
        int tolerance = file.Syntax.Compression == FrameCompression.Jpeg ? 1 : 0;
        Assert.InRange(Enumerable.Range(0, actual.Length).Max(i => Math.Abs(expected[i] - actual[i])), 0, tolerance);
    }

    [Theory]
    [MemberData(nameof(Indirect))]
    public void Colors_are_those_of_pydicom(string name)
    {
        string path = files.Find(name);
        using DicomFile file = DicomFile.Open(path);
        DicomImage image = file.OpenImage();
        Image[] frames = [.. Enumerable.Range(0, image.FrameCount).Select(image.ReadFrame)];
        Assert.All(frames, frame => Assert.Equal((MadeFile.Width, MadeFile.Height, 3), (frame.Width, frame.Height, frame.Channels)));
        Assert.Equal(File.ReadAllBytes(path + ".rendered"), frames.SelectMany(frame => frame.Pixels));
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
}
