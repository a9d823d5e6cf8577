// Segments images: their masks are written beside them. Research software: not a medical device, and not for diagnosis.
using CMUNeXt;
using CMUNeXt.Imaging;

if (args.Length == 0)
{
    Console.Error.WriteLine("Name at least one image.");
    return 2;
}

// What is a mask, or has one, is passed over: *.png names the masks of an earlier call, too.
const string ending = ".mask.png";
string[] images = [.. args.Where(static path => !path.EndsWith(ending, StringComparison.Ordinal) && !File.Exists(path + ending))];
using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
Console.WriteLine($"{segmenter.Model}, computed by {segmenter.Engine}; passed over: {args.Length - images.Length} of {args.Length}");
int failures = 0;
await foreach (SegmentedFile file in segmenter.SegmentFilesAsync(images))
{
    if (file.Segmentation is not { } found)
    {
        Console.Error.WriteLine(file.Failure!.Message);
        failures++;
        continue;
    }

    ImageFile.SaveMask(file.Path + ending, found.Mask, MaskValues.ZeroOr255);
    Console.WriteLine($"{file.Path}: lesions: {found.Lesions.Count}, of {found.Area} pixels together");
}

return failures == 0 ? 0 : 1;
