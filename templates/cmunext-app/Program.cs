// Segments images: their masks are written beside them. Research software: not a medical device, and not for diagnosis.
using CMUNeXt;
using CMUNeXt.Imaging;

if (args.Length == 0)
{
    Console.Error.WriteLine("Name at least one image.");
    return 2;
}

using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
Console.WriteLine($"{segmenter.Model}, computed by {segmenter.Engine}");
int failures = 0;
await foreach (SegmentedFile file in segmenter.SegmentFilesAsync(args))
{
    if (file.Segmentation is not { } found)
    {
        Console.Error.WriteLine(file.Failure!.Message);
        failures++;
        continue;
    }

    ImageFile.SaveMask(Path.ChangeExtension(file.Path, ".mask.png"), found.Mask, MaskValues.ZeroOr255);
    Console.WriteLine($"{file.Path}: lesions: {found.Lesions.Count}, of {found.Area} pixels together");
}

return failures == 0 ? 0 : 1;
