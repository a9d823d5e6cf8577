using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

namespace CMUNeXt.Training.Data;

/// <summary>The pixels of one case, as stored: neither resized nor normalized.</summary>
/// <param name="Case">The case.</param>
/// <param name="Image">The image, 1 or 3 channels.</param>
/// <param name="Mask">
/// The classes, of the image's size: 0 the background, c + 1 what stands in <c>masks/c</c>. Where masks overlap the later wins.
/// </param>
internal sealed record LoadedCase(Case Case, Image Image, Mask Mask)
{
    /// <summary>
    /// Reads the image and the masks. A mask's pixel is foreground where its grey value is above 127, which is the original
    /// code's mask / 255 > 0.5.
    /// </summary>
    /// <exception cref="BadFileException">
    /// A file is missing or broken, a mask has another size than the image, or a mask cannot be meant to be 0 and 255.
    /// </exception>
    public static LoadedCase Load(Case source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Image image = ImageFile.Load(source.ImagePath);
        byte[] classes = new byte[image.Width * image.Height];
        for (int c = 0; c < source.MaskPaths.Count; c++)
        {
            string path = source.MaskPaths[c];
            Image mask = GreyMask.Load(path);
            if (mask.Width != image.Width || mask.Height != image.Height)
            {
                throw new BadFileException(
                    path,
                    $"the mask is {mask.Width} x {mask.Height}, its image {image.Width} x {image.Height}; both must have one size");
            }

            GreyMask.Mark(mask, classes, (byte)(c + 1), path);
        }

        return new LoadedCase(source, image, new Mask(image.Width, image.Height, classes));
    }
}
