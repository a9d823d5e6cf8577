// From pixels in memory to a mask: SegmentPixels WEIGHTS PIXELS WIDTH HEIGHT STRIDE OUTPUT
// PIXELS is a file of raw pixels, blue, green, red, alpha, as a bitmap of most user interfaces has them. Writes OUTPUT.mask, a byte for
// each pixel, and OUTPUT.probability, a float for each.
using System.Runtime.InteropServices;
using CMUNeXt;
using CMUNeXt.Images;
using CMUNeXt.Masks;

if (args.Length != 6)
{
    Console.Error.WriteLine("SegmentPixels WEIGHTS PIXELS WIDTH HEIGHT STRIDE OUTPUT");
    return 2;
}

string weights = args[0];
byte[] bytes = File.ReadAllBytes(args[1]);
(int width, int height, int stride) = (int.Parse(args[2]), int.Parse(args[3]), int.Parse(args[4]));

using Segmenter segmenter = Segmenter.Load(weights);
Console.WriteLine($"{segmenter.Model}, threshold {segmenter.Threshold}, computed by {segmenter.Engine}");
PixelBuffer pixels = new(bytes, width, height, stride, PixelFormat.Bgra32);
Segmentation found = segmenter.Segment(pixels);
foreach (Lesion lesion in found.Lesions)
{
    Console.WriteLine($"{lesion.Area} pixels in {lesion.Box}, outlined by {lesion.Contour.Count}");
}

File.WriteAllBytes($"{args[5]}.mask", found.Mask.Pixels);
File.WriteAllBytes($"{args[5]}.probability", MemoryMarshal.AsBytes(found.Probabilities[0].AsSpan()));
return 0;
