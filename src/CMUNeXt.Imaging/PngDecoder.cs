using CMUNeXt.Images;
using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Imaging;

/// <summary>PNG, decoded by hand, since its values are to be OpenCV's at every depth.</summary>
internal sealed class PngDecoder : ImageDecoder
{
    public override ImageFormat Format => ImageFormat.Png;

    public override bool Recognizes(ReadOnlyMemory<byte> file) => file.Span.StartsWith(PngHeader.Signature);

    public override EncodedImage Open(ReadOnlyMemory<byte> file)
    {
        PngChunks head = PngChunks.Read(file, headOnly: true);
        PngHeader header = head.Header;
        ImageInfo info = new(Format, header.Width, header.Height, LayoutOf(header), header.Depth, head.Frames)
        {
            PixelSize = head.PixelSize,
        };
        return new Encoded(file, info, head.Orientation);
    }

    private static PixelLayout LayoutOf(PngHeader header) => header.ColorType switch
    {
        PngHeader.Gray => PixelLayout.Gray,
        PngHeader.GrayAlpha => PixelLayout.GrayAlpha,
        PngHeader.Rgb => PixelLayout.Rgb,
        PngHeader.Rgba => PixelLayout.Rgba,
        _ => PixelLayout.Palette,
    };

    private sealed class Encoded(ReadOnlyMemory<byte> file, ImageInfo stored, int orientation) : EncodedImage(stored, orientation)
    {
        protected override Image Read(ImageLimits limits, bool gray)
        {
            Image image = PngReader.Read(PngChunks.Read(file, headOnly: false), gray, out SixteenBits? sixteen, out bool alphaVaries);
            HasAlpha(alphaVaries);
            if (sixteen is not null)
            {
                HasSamples(sixteen.Largest, sixteen.Smallest);
            }

            return image;
        }
    }
}
