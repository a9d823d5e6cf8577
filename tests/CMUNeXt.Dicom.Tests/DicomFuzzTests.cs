using System.Globalization;
using CMUNeXt.Files;
using CMUNeXt.Images;

namespace CMUNeXt.Dicom.Tests;

/// <summary>
/// Valid files with bytes flipped, cut, repeated and replaced: each is read, or refused by a BadFileException, within a bound of memory.
/// Mutations are numbered, and each follows from its number alone. The environment variable CMUNEXT_FUZZ sets how many.
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
        string? setting = Environment.GetEnvironmentVariable("CMUNEXT_FUZZ");
        int count = string.IsNullOrEmpty(setting) ? OrdinaryCount : int.Parse(setting, CultureInfo.InvariantCulture);
        int refused = 0;
        for (int number = 0; number < count; number++)
        {
            byte[] content = Mutate(valid[number % valid.Length], new Random(number));
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

    private static byte[] Mutate(byte[] valid, Random random)
    {
        List<byte> content = [.. valid];

        // Most of what a file says of itself is in its head; the rest is pixels and palettes.
        int head = Math.Min(content.Count, 1024);
        for (int i = random.Next(1, 4); i > 0 && content.Count > 0; i--)
        {
            int place = random.Next(Math.Min(content.Count, random.Next(2) == 0 ? head : content.Count));
            int length = Math.Min(random.Next(1, 64), content.Count - place);
            switch (random.Next(5))
            {
                case 0:
                    content[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    content[place] = (byte)random.Next(256);
                    break;
                case 2:
                    content.RemoveRange(place, random.Next(8) == 0 ? content.Count - place : length);
                    break;
                case 3:
                    content.InsertRange(random.Next(content.Count), content.GetRange(place, length));
                    break;
                default:
                    content.InsertRange(place, [0xff, 0xff, 0xff, 0xff, (byte)(random.Next(2) * 0x0f)]);
                    break;
            }
        }

        return [.. content];
    }
}
