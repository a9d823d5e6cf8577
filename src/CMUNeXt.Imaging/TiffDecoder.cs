using CMUNeXt.Images;
using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Imaging;

/// <summary>TIFF and BigTIFF: the directory is read by ourselves, the pixels by LibTiff.</summary>
internal sealed class TiffDecoder : ImageDecoder
{
    public override ImageFormat Format => ImageFormat.Tiff;

    public override bool Recognizes(ReadOnlyMemory<byte> file) => TiffDirectory.Recognizes(file.Span);

    public override EncodedImage Open(ReadOnlyMemory<byte> file)
    {
        if (file.Length < 16)
        {
            throw new InvalidDataException("the TIFF ends too early: copy the file again from its source");
        }

        List<TiffDirectory> pages = TiffDirectory.ReadAll(file);
        TiffDirectory page = pages[0];
        if (page.Width is <= 0 or > int.MaxValue || page.Height is <= 0 or > int.MaxValue || page.BitsPerSample is <= 0 or > 64)
        {
            throw new InvalidDataException($"a damaged TIFF: its header says {page.Width} x {page.Height} of {page.BitsPerSample} bits");
        }

        int frames = TiffReader.Frames(pages);
        ImageInfo info = new(Format, (int)page.Width, (int)page.Height, LayoutOf(page), (int)page.BitsPerSample, frames);
        return new Encoded(file, page, info);
    }

    private static PixelLayout LayoutOf(TiffDirectory page) => page.Photometric switch
    {
        TiffReader.WhiteIsZero or TiffReader.BlackIsZero => page.SamplesPerPixel == 1 ? PixelLayout.Gray : PixelLayout.GrayAlpha,
        TiffReader.Rgb => page.SamplesPerPixel == 3 ? PixelLayout.Rgb : PixelLayout.Rgba,
        TiffReader.Palette => PixelLayout.Palette,
        _ => PixelLayout.Other,
    };

    private sealed class Encoded(ReadOnlyMemory<byte> file, TiffDirectory page, ImageInfo stored) : EncodedImage(stored, page.Orientation)
    {
        protected override Image Read(ImageLimits limits, bool gray)
        {
            try
            {
                Image image = TiffReader.Read(file, page, limits.Pixels, out SixteenBits? sixteen, out bool alphaVaries);
                HasAlpha(alphaVaries);
                if (sixteen is not null)
                {
                    HasSamples(sixteen.Largest, sixteen.Smallest);
                }

                return image;
            }
            catch (Exception e) when (e is not InvalidDataException)
            {
                // On damaged files LibTiff fails in whatever way its decoders run into them.
                throw new InvalidDataException("the TIFF's pixels are damaged: copy the file again from its source", e);
            }
        }
    }
}
