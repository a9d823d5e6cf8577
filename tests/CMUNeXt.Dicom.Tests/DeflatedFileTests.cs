using CMUNeXt.Dicom.Orthanc;
using CMUNeXt.Dicom.Tests.Orthanc;

namespace CMUNeXt.Dicom.Tests;

/// <summary>A deflated file becomes what it says, which is told of before it is kept, and kept once.</summary>
public sealed class DeflatedFileTests
{
    private const int FrameLength = DeflatedFile.Side * DeflatedFile.Side;
    private const int Frames = 64;
    private const int Inflated = Frames * FrameLength;

    [Fact]
    public void A_file_that_was_closed_is_read_no_more_though_it_is_in_memory()
    {
        DicomFile file = DicomFile.Parse(DeflatedFile.Write(new byte[FrameLength]), "image.dcm");
        DicomImage image = file.OpenImage();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => image.ReadFrame(0));
        Assert.Throws<ObjectDisposedException>(file.OpenImage);
    }

    [Fact]
    public void Frames_are_those_that_were_deflated()
    {
        byte[] pixels = new byte[3 * FrameLength];
        new Random(1).NextBytes(pixels);
        using DicomFile file = DicomFile.Parse(DeflatedFile.Write(pixels), "loop.dcm");
        DicomImage image = file.OpenImage();
        Assert.Equal(3, image.FrameCount);
        for (int frame = 0; frame < 3; frame++)
        {
            Assert.Equal(pixels[(frame * FrameLength)..((frame + 1) * FrameLength)], image.ReadFrame(frame).Pixels);
        }
    }

    [Fact]
    public void What_it_becomes_is_told_and_kept_once()
    {
        byte[] deflated = DeflatedFile.Write(new byte[Inflated]);
        long told = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        using DicomFile file = DicomFile.Parse(deflated, "loop.dcm", take: more => told += more);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(told, Inflated, Inflated + (1 << 20));
        Assert.InRange(allocated, Inflated, Inflated + (4 << 20));
        Assert.Equal(Frames, file.OpenImage().FrameCount);
    }

    [Fact]
    public void Nothing_more_is_inflated_once_there_is_no_room()
    {
        const int Room = 1 << 20;
        byte[] deflated = DeflatedFile.Write(new byte[Inflated]);
        long told = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ArithmeticException>(() => DicomFile.Parse(deflated, "loop.dcm", take: Take));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * Room);

        void Take(long more)
        {
            told += more;
            if (told > Room)
            {
                throw new ArithmeticException("No room.");
            }
        }
    }

    [Fact]
    public async Task What_a_file_of_an_archive_becomes_is_told_beside_the_file()
    {
        byte[] deflated = DeflatedFile.Write(new byte[Inflated]);
        using FaultyArchive archive = new(deflated);
        using OrthancArchive opened = new(new Uri(archive.Url));
        long told = 0;
        using DicomFile file = await opened.OpenAsync("1", limits: null, more => told += more, TestContext.Current.CancellationToken);
        Assert.InRange(told, deflated.Length + Inflated, long.MaxValue);
    }
}
