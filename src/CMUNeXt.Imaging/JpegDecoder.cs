using BitMiracle.LibJpeg.Classic;
using CMUNeXt.Images;
using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Imaging;

/// <summary>
/// JPEG with the pixels of libjpeg-turbo, and so of OpenCV: a managed port of the Independent JPEG Group's library undoes the compression
/// and the cosine transform, which both libraries do alike; enlarging shrunk colors and turning them into RGB, which later releases of the
/// one do otherwise, are done here.
/// </summary>
internal sealed class JpegDecoder : ImageDecoder
{
    public override ImageFormat Format => ImageFormat.Jpeg;

    public override bool Recognizes(ReadOnlyMemory<byte> file) => file.Span.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]);

    public override EncodedImage Open(ReadOnlyMemory<byte> file)
    {
        JpegFile jpeg = JpegFile.Open(file);
        return new Encoded(jpeg, new ImageInfo(Format, jpeg.Width, jpeg.Height, LayoutOf(jpeg), 8, 1));
    }

    private static PixelLayout LayoutOf(JpegFile jpeg) => jpeg.ColorSpace switch
    {
        J_COLOR_SPACE.JCS_GRAYSCALE => PixelLayout.Gray,
        J_COLOR_SPACE.JCS_YCbCr or J_COLOR_SPACE.JCS_RGB => PixelLayout.Rgb,
        _ => PixelLayout.Other,
    };

    private sealed class Encoded(JpegFile jpeg, ImageInfo stored) : EncodedImage(stored, jpeg.Orientation)
    {
        protected override Image Read(ImageLimits limits, bool gray)
        {
            JpegPlane[] planes = jpeg.ReadPlanes();
            byte[] pixels = jpeg.ColorSpace switch
            {
                J_COLOR_SPACE.JCS_GRAYSCALE => planes[0].Samples,
                _ => JpegColors.ToRgb(planes, jpeg.Width, jpeg.Height, jpeg.ColorSpace),
            };
            return new Image(jpeg.Width, jpeg.Height, pixels.Length / (jpeg.Width * jpeg.Height), pixels);
        }
    }
}
