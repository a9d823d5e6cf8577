using CMUNeXt.Drawing.Formats;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Drawing.Tests.Formats;

/// <summary>
/// Files of every format, damaged in many ways, through the door by which all verbs read: what comes out is an image or one line, nothing
/// else, and never out of proportion. The seed of a failure is in its message.
/// </summary>
public sealed class MutatedImageTests
{
    private const int Usual = 20_000;

    // Within it a decoder may take what the header promises; beyond it the header is not believed.
    private static readonly ImageLimits Limits = new() { Pixels = 4_000_000 };

    static MutatedImageTests() => SkiaDecoder.Register();

    [Fact]
    public void A_mutated_file_is_an_image_or_one_line()
    {
        int count = Fuzz.Count(Usual);
        (string Name, byte[] File)[] seeds = [.. MutationSeeds.All()];
        int[] read = new int[seeds.Length];
        int[] refused = new int[seeds.Length];
        Parallel.For(0, count, i =>
        {
            int seed = i % seeds.Length;
            (string name, byte[] file) = seeds[seed];

            // With the checksums of PNG put right, damage reaches what lies behind them.
            byte[] mutated = Mutation.Of(file, seeds[(i / seeds.Length) % seeds.Length].File, new Random(i));
            mutated = i % 4 < 2 ? Mutation.WithChecksums(mutated) : mutated;
            try
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Image image = i % 2 == 0 ? ImageFile.Decode(mutated, name, Limits) : ImageFile.DecodeGray(mutated, name, Limits);
                Assert.Equal((long)image.Width * image.Height * image.Channels, image.Pixels.Length);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64L << 20);
                Interlocked.Increment(ref read[seed]);
            }
            catch (BadFileException e)
            {
                Assert.True(e.Message.StartsWith(name + ": ", StringComparison.Ordinal) && !e.Message.Contains('\n'), $"{i}: {e.Message}");
                Interlocked.Increment(ref refused[seed]);
            }
            catch (Exception e)
            {
                Assert.Fail($"{name}, seed {i}: {e}");
            }
        });

        // Of each kind of file some mutations have to get through, and some not, or the test would prove nothing.
        for (int i = 0; i < seeds.Length; i++)
        {
            Assert.True(read[i] > 0 && refused[i] > 0, $"{seeds[i].Name}: {read[i]} read, {refused[i]} refused");
        }
    }
}
