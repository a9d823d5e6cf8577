using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests;

/// <summary>
/// Valid files with bytes flipped, cut, repeated and replaced: each is read, or refused by a BadFileException, within a bound of memory.
/// </summary>
public sealed class DicomFuzzTests(MadeFiles files) : IClassFixture<MadeFiles>
{
    private const int OrdinaryCount = 20_000;

    // The files have 38 x 21 pixels and at most a palette of 65,536 colors; a wrong size of theirs may be a hundred times as large.
    private const long MaximumAllocation = 8 << 20;

    [Fact]
    public void Mutated_files_are_read_or_refused_within_bounds()
    {
        byte[][] valid = [.. MadeFiles.Names.Select(name => File.ReadAllBytes(files.Find(name)))];
        int count = Fuzz.Count(OrdinaryCount);
        int refused = 0;
        for (int number = 0; number < count; number++)
        {
            // Most of what a file says of itself is in its head; the rest is pixels and palettes.
            byte[] content = Fuzz.Mutate(valid[number % valid.Length], new Random(number), head: 1024);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using DicomFile file = DicomFile.Parse(content, "x.dcm");
                DicomImage image = file.OpenImage();
                for (int frame = 0; frame < Math.Min(3, image.FrameCount); frame++)
                {
                    Image rendered = image.ReadFrame(frame);
                    Assert.Equal((image.Width, image.Height), (rendered.Width, rendered.Height));
                }
            }
            catch (BadFileException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
                Assert.StartsWith("x.dcm: ", e.Message);
                Assert.InRange(e.Message.Length, 20, 400);
            }
            catch (Exception e)
            {
                Assert.Fail($"mutation {number} of {MadeFiles.Names[number % valid.Length]}: {e}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaximumAllocation);
        }

        // Neither branch is idle: many mutations break something, and some only change a pixel.
        Assert.InRange(refused, count / 4, count - (count / 20));
    }
}
