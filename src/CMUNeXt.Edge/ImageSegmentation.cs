using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Weights;

namespace CMUNeXt.Edge;

/// <summary>From the images of a command line to their masks and findings.</summary>
internal sealed class ImageSegmentation
{
    private static readonly ImageReader Reader = new(ImageDecoder.Png, ImageDecoder.Jpeg, ImageDecoder.Bmp);

    private readonly Options options;
    private readonly LoadedWeights weights;
    private readonly OwnFiles own;
    private readonly HashSet<string> images;
    private readonly HashSet<string> results = new(StringComparer.OrdinalIgnoreCase);

    private ImageSegmentation(Options options)
    {
        this.options = options;
        own = OwnFiles.In(options.Output);
        images = options.Images.Select(RealPath.Of).ToHashSet(StringComparer.FromComparison(RealPath.Comparison));
        weights = options.Weights is { } path ? WeightsFile.Load(path) : Pretrained.BreastUltrasound;
    }

    /// <summary>Segments all images.</summary>
    /// <returns>The exit status: 1 where an image failed.</returns>
    /// <exception cref="BadFileException">The weights or the output folder cannot be used.</exception>
    public static int Run(Options options)
    {
        ImageSegmentation work = new(options);
        try
        {
            Directory.CreateDirectory(options.Output);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(options.Output, $"the folder cannot be made ({e.Message}); choose another --output", e);
        }

        // While the weights are packed, the other cores read the first image and hash the weights. The network's memory goes with the
        // process.
        Task<Segmenter> opening = Task.Run(work.Open);
        Task.Run(() => work.weights.Sha256);
        int failures = 0;
        foreach (string path in options.Images)
        {
            try
            {
                work.Segment(path, opening);
            }
            catch (Exception e)
            {
                // What is wrong with the weights is wrong for every image, and said once.
                if (opening.IsFaulted)
                {
                    opening.GetAwaiter().GetResult();
                }

                failures++;
                Console.Error.WriteLine($"cmunext-edge: {ImageFailure.Of(path, e).Message}");
            }
        }

        return failures == 0 ? 0 : 1;
    }

    private Segmenter Open()
    {
        if (options.Threshold is not null && weights.DescribeNetwork().Outputs > 1)
        {
            throw new UsageException("--threshold is for weights of one output; with several a pixel belongs to the most probable class");
        }

        Segmenter segmenter = Segmenter.Load(
            weights, new() { Threads = options.Threads, Threshold = options.Threshold, IgnorePresence = options.All });
        if (weights.Metadata is null)
        {
            Console.Error.WriteLine(
                $"warning: {weights.Path} says nothing of its preprocessing; the published one is assumed. Where it was trained otherwise, "
                + "export it by cmunext to a .safetensors with --size, --order, --mean, --std and --scale, and give that.");
        }

        return segmenter;
    }

    private void Segment(string path, Task<Segmenter> opening)
    {
        // A name that is all ending, such as ".png", is a stem.
        string name = Path.GetFileNameWithoutExtension(path) is { Length: > 0 } stem ? stem : Path.GetFileName(path);
        string mask = Path.Combine(options.Output, $"{name}_mask.png");
        string findings = Path.Combine(options.Output, $"{name}.json");
        if (!results.Add(mask))
        {
            throw new BadFileException(path, "another image's results have its names already; segment it into another --output");
        }

        if (new[] { mask, findings }.FirstOrDefault(result => images.Contains(RealPath.Of(result))) is { } picked)
        {
            throw new BadFileException(path, $"its result {picked} would replace one of the images to segment; choose another --output");
        }

        string[] names = [$"{name}_mask.png", $"{name}.json"];
        if ((Path.Exists(mask) ? mask : Path.Exists(findings) ? findings : null) is { } existing)
        {
            if (!options.Overwrite)
            {
                throw new BadFileException(existing, "it exists; give --overwrite to replace it");
            }

            // Should the image fail, nothing earlier stands for its results; should the weights fail, all of it stays.
            opening.GetAwaiter().GetResult();
            own.Remove(names);
        }

        Image image = Reader.Load(path, out ImageInfo info);
        Segmenter segmenter = opening.GetAwaiter().GetResult();
        Segmentation found = segmenter.Segment(image);
        own.Claim(names);
        ImageFile.SaveMask(mask, found.Mask, found.Classes > 1 ? MaskValues.ClassIndices : MaskValues.ZeroOr255);
        SegmentationReport report = SegmentationReport.Of(Path.GetFileName(path), found, segmenter, info.PixelSize) with
        {
            Warnings = InputCheck.Warnings(image),
        };
        AtomicFile.WriteText(findings, report.ToJson() + "\n");
        Console.WriteLine($"{PrintableText.Of(path)}: {report.Lesions.Count} lesion{(report.Lesions.Count == 1 ? "" : "s")}, "
            + $"{report.Area} of {found.Width} x {found.Height} pixels");
    }
}
