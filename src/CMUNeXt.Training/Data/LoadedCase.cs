using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Pictures;

namespace CMUNeXt.Training.Data;

/// <summary>The pixels of one case, as stored: neither resized nor normalised.</summary>
/// <param name="Case">The case.</param>
/// <param name="Picture">The picture, 1 or 3 channels.</param>
/// <param name="Mask">
/// The classes, of the picture's size: 0 the background, c + 1 what stands in <c>masks/c</c>. Where masks overlap the later wins.
/// </param>
internal sealed record LoadedCase(Case Case, Picture Picture, Mask Mask)
{
    /// <summary>
    /// Reads the picture and the masks. A mask's pixel is foreground where its grey value is above 127, which is the original
    /// code's mask / 255 > 0.5.
    /// </summary>
    /// <exception cref="BadFileException">
    /// A file is missing or broken, a mask has another size than the picture, or a mask cannot be meant to be 0 and 255.
    /// </exception>
    public static LoadedCase Load(Case source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Picture picture = PictureFile.Load(source.ImagePath);
        byte[] classes = new byte[picture.Width * picture.Height];
        for (int c = 0; c < source.MaskPaths.Count; c++)
        {
            string path = source.MaskPaths[c];
            Picture mask = GreyMask.Load(path);
            if (mask.Width != picture.Width || mask.Height != picture.Height)
            {
                throw new BadFileException(
                    path,
                    $"the mask is {mask.Width} x {mask.Height}, its picture {picture.Width} x {picture.Height}; both must have one size");
            }

            GreyMask.Mark(mask, classes, (byte)(c + 1), path);
        }

        return new LoadedCase(source, picture, new Mask(picture.Width, picture.Height, classes));
    }
}
