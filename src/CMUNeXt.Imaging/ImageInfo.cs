namespace CMUNeXt.Imaging;

/// <summary>What the header of an image file says.</summary>
/// <param name="Format">The format, found by content.</param>
/// <param name="Width">The width in pixels as the image is shown, that is, after its orientation is honoured.</param>
/// <param name="Height">The height in pixels as the image is shown.</param>
/// <param name="Layout">What is stored for each pixel.</param>
/// <param name="BitsPerSample">The bits of one stored sample: 1, 2, 4, 8 or 16.</param>
/// <param name="Frames">The number of frames or pages.</param>
public sealed record ImageInfo(ImageFormat Format, int Width, int Height, PixelLayout Layout, int BitsPerSample, int Frames)
{
    /// <summary>The channels of the decoded image: 1 where the stored form is grey (with or without alpha), else 3.</summary>
    public int Channels => Layout is PixelLayout.Grey or PixelLayout.GreyAlpha ? 1 : 3;
}
