using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>Decides for a whole folder whether its masks are 0 and 255 or 0 and 1.</summary>
internal static class MaskScale
{
    /// <summary>The largest value that is background: 0 where no mask has a value above 1 and some have a 1; else 127.</summary>
    /// <remarks>Decided file by file, a mask of 0 and 255 in which a stray 1 is all there is would be read as a lesion.</remarks>
    public static byte Threshold(IReadOnlyList<CaseSource> cases, CancellationToken cancellation)
    {
        int bits = 0;
        ParallelOptions options = new() { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.ForEach(cases.SelectMany(static source => source.Masks), options, (file, state) =>
        {
            byte largest = Largest(file);
            Interlocked.Or(ref bits, largest);
            if (largest > 1)
            {
                // One such file decides, and the others need not be decoded for this.
                state.Stop();
            }
        });
        return bits == 1 ? (byte)0 : MaskRules.HalfScale;
    }

    // A file that cannot be read has no say here; it is told as a problem when its case is prepared.
    private static byte Largest(SourceFile file)
    {
        try
        {
            Image image = ImageFile.Decode(file.ReadBytes(), file.Display, out ImageInfo info);
            return (GrayMask.OneChannel(image, info, labels: false) ?? image).Pixels.Max();
        }
        catch (BadFileException)
        {
            return 0;
        }
    }
}
