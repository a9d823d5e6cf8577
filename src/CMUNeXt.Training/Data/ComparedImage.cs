using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Data;

/// <summary>What an image is compared with others by.</summary>
/// <param name="Print">Its fingerprint (<see cref="ImageFingerprint"/>).</param>
/// <param name="Coarse">Its coarse thumbnail; null where it is too small to be compared.</param>
/// <param name="Fine">Its fine thumbnail; null likewise.</param>
internal sealed record ComparedImage(string Print, Thumbnail? Coarse, Thumbnail? Fine)
{
    private const int CoarseRows = 16;
    private const int FineRows = 2 * CoarseRows;

    /// <summary>Takes what is compared from an image that is decoded already.</summary>
    /// <param name="image">The image.</param>
    /// <param name="path">Its file; one in color is read again, as gray.</param>
    /// <exception cref="Files.BadFileException">The file cannot be read again.</exception>
    public static ComparedImage Of(Image image, string path)
    {
        Image gray = image.Channels == 1 ? image : ImageFile.LoadGray(path);
        bool isLarge = gray.Width >= FineRows && gray.Height >= FineRows;
        return new ComparedImage(
            ImageFingerprint.Of(image), isLarge ? Thumbnail.Of(gray, CoarseRows) : null, isLarge ? Thumbnail.Of(gray, FineRows) : null);
    }
}
