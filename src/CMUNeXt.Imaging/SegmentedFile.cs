using CMUNeXt.Files;
using CMUNeXt.Images;

namespace CMUNeXt.Imaging;

/// <summary>What became of an image file: what was found in it, or why nothing can be said.</summary>
/// <param name="Path">The file.</param>
/// <param name="Image">Its image; null where it could not be read.</param>
/// <param name="Segmentation">What was found; null where the file failed.</param>
/// <param name="Failure">What is wrong with it, in one line; null where all is well.</param>
public sealed record SegmentedFile(string Path, Image? Image, Segmentation? Segmentation, BadFileException? Failure);
