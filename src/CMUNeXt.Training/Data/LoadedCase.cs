using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;

namespace CMUNeXt.Training.Data;

/// <summary>The pixels of one case, as stored: neither resized nor normalized.</summary>
/// <param name="Case">The case.</param>
/// <param name="Image">The image, 1 or 3 channels.</param>
/// <param name="Mask">
/// The classes, of the image's size: 0 the background, c + 1 what stands in <c>masks/c</c>, and <see cref="IgnoredPixels.Label"/> where
/// nothing is known. Where masks overlap the later wins.
/// </param>
internal sealed record LoadedCase(Case Case, Image Image, Mask Mask)
{
    /// <summary>
    /// Reads the image and the masks. A mask's pixel is foreground where its gray value is above 127, which is the original
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
        (string Path, byte Label)[] masks =
        [
            .. source.MaskPaths.Select(static (path, c) => (path, (byte)(c + 1))),
            .. source.IgnorePath is { } ignored ? [(ignored, IgnoredPixels.Label)] : ((string, byte)[])[],
        ];
        foreach ((string path, byte label) in masks)
        {
            GrayMask.LabelForeground(LoadMask(path, image.Width, image.Height), classes, label, path);
        }

        return new LoadedCase(source, image, new Mask(image.Width, image.Height, classes));
    }

    /// <summary>Reads a mask.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">The width of its image, in pixels.</param>
    /// <param name="height">The height, in pixels.</param>
    /// <exception cref="BadFileException">The file is missing or broken, or the mask has another size than the image.</exception>
    public static Image LoadMask(string path, int width, int height)
    {
        Image mask = GrayMask.Load(path);
        return (mask.Width, mask.Height) == (width, height)
            ? mask
            : throw new BadFileException(
                path, $"the mask is {mask.Width} x {mask.Height}, its image {width} x {height}; both must have one size");
    }

    /// <summary>The mask at the size of a network's input, beside the bars that the image has there.</summary>
    public Mask ResizeMask(Preprocessing preprocessing) =>
        Place(Mask, preprocessing).Resize(preprocessing.Width, preprocessing.Height);

    /// <summary>An image on its canvas (<see cref="Preprocessing.CanvasOf"/>).</summary>
    public static Image Place(Image image, Preprocessing preprocessing)
    {
        (int width, int height, int x, int y) = preprocessing.CanvasOf(image.Width, image.Height);
        return (width, height) == (image.Width, image.Height)
            ? image
            : new Image(
                width, height, image.Channels,
                Place(image.Pixels, image.Width * image.Channels, width * image.Channels, height, x * image.Channels, y, 0));
    }

    /// <summary>A mask on its image's canvas, whose bars are ignored.</summary>
    public static Mask Place(Mask mask, Preprocessing preprocessing)
    {
        (int width, int height, int x, int y) = preprocessing.CanvasOf(mask.Width, mask.Height);
        return (width, height) == (mask.Width, mask.Height)
            ? mask : new Mask(width, height, Place(mask.Pixels, mask.Width, width, height, x, y, IgnoredPixels.Label));
    }

    // Rows of bytes on a canvas.
    private static byte[] Place(byte[] pixels, int row, int canvasRow, int canvasHeight, int x, int y, byte bars)
    {
        if ((long)canvasRow * canvasHeight > Array.MaxLength)
        {
            throw new ArgumentException("An image is too narrow to be shown with bars.");
        }

        byte[] canvas = new byte[canvasRow * canvasHeight];
        Array.Fill(canvas, bars);
        for (int from = 0, to = (y * canvasRow) + x; from < pixels.Length; from += row, to += canvasRow)
        {
            pixels.AsSpan(from, row).CopyTo(canvas.AsSpan(to));
        }

        return canvas;
    }
}
