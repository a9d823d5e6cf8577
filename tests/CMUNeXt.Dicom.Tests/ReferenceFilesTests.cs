using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests;

/// <summary>
/// Files of real devices: read as pydicom and DCMTK read them, or refused in a line that names the tool that converts them.
/// </summary>
public sealed class ReferenceFilesTests
{
    [Theory]
    [InlineData("US1_UNCI.dcm", 1)]
    [InlineData("color-pl.dcm", 1)]
    [InlineData("OBXXXX1A.dcm", 1)]
    [InlineData("OBXXXX1A_rle_2frame.dcm", 2)]
    [InlineData("gdcm-US-ALOKA-16.dcm", 1)]
    [InlineData("examples_ybr_color.dcm", 30)]
    public void Pixels_are_those_of_pydicom(string name, int frames)
    {
        string path = Reference.Path("data", "dicom", name);
        using TemporaryFolder folder = new();
        using DicomFile file = DicomFile.Open(path);
        DicomImage image = file.OpenImage();
        Assert.Equal(frames, image.FrameCount);

        bool isJpeg = file.Syntax.Compression == FrameCompression.Jpeg;
        if (isJpeg)
        {
            DicomTools.Run("dcmdjpeg", path, folder.File("decoded.dcm"));
        }

        Python.Pydicom.Run("pixels.py", isJpeg ? folder.File("decoded.dcm") : path, folder.File("stored"), folder.File("rendered"));
        byte[] stored = [.. Enumerable.Range(0, frames).SelectMany(i => image.ReadStored(i).Bytes)];
        DicomImageTests.AssertDecoded(File.ReadAllBytes(folder.File("stored")), stored, file);
        byte[] rendered = [.. Enumerable.Range(0, frames).SelectMany(i => image.ReadFrame(i).Pixels)];
        DicomImageTests.AssertDecoded(File.ReadAllBytes(folder.File("rendered")), rendered, file);
    }

    /// <summary>
    /// One region that ends with the image, two side by side, one of a screen of twice the size, whose depth label shows so, none.
    /// </summary>
    [Theory]
    [InlineData("OBXXXX1A.dcm", new[] { 120, 60, 680, 459 })]
    [InlineData("gdcm-US-ALOKA-16.dcm", new[] { 32, 24, 608, 392 })]
    [InlineData("examples_ybr_color.dcm", null)]
    [InlineData("US1_UNCI.dcm", null)]
    public void Tissue_is_the_box_around_all_regions(string name, int[]? box)
    {
        using DicomFile file = DicomFile.Open(Reference.Path("data", "dicom", name));
        Assert.Equal(box is null ? null : new BoundingBox(box[0], box[1], box[2], box[3]), file.OpenImage().Tissue);
    }

    [Theory]
    [InlineData("JPGLosslessP14SV1_1s_1f_8b.dcm", "dcmdjpeg")]
    [InlineData("US1_J2KR.dcm", "gdcmconv --raw")]
    [InlineData("no_meta.dcm", "dcmconv --read-dataset")]
    [InlineData("badVR.dcm", "BitsAllocated")]
    public void What_is_not_read_is_refused_in_a_line_that_says_what_to_do(string name, string part)
    {
        string path = Reference.Path("data", "dicom", name);
        BadFileException e = Assert.Throws<BadFileException>(() =>
        {
            using DicomFile file = DicomFile.Open(path);
            file.OpenImage();
        });
        Assert.StartsWith(path + ": ", e.Message);
        Assert.Contains(part, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
