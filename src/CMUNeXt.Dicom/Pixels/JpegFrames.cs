using System.Buffers.Binary;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>Frames that are baseline JPEGs.</summary>
internal sealed class JpegFrames : FrameReader
{
    private const byte StartOfImage = 0xD8;
    private const byte BaselineFrame = 0xC0;
    private const byte StartOfScan = 0xDA;
    private const byte JfifMarker = 0xE0;
    private const byte AdobeMarker = 0xEE;

    // A block of 64 pixels takes at least a code for its mean and one for its end.
    private const int LargestRatio = 512;

    // A frame is as its file describes it, and a DICOM file knows no orientation of a JPEG's own.
    private static readonly ImageReader Reader = new(ImageDecoder.Jpeg) { AppliesOrientation = false };

    private readonly EncapsulatedFrames frames;
    private readonly PixelDescription pixels;

    public JpegFrames(EncapsulatedFrames frames, PixelDescription pixels)
    {
        this.frames = frames;
        this.pixels = pixels;
        if (pixels.BitsAllocated != 8)
        {
            throw new InvalidDataException(
                $"its baseline JPEGs are said to have {pixels.BitsAllocated} bits; they have 8: the file is damaged");
        }
    }

    public override StoredFrame Read(int index)
    {
        byte[] encoded = frames.Read(index);
        bool namesColors = CheckHeader(encoded, index);
        if (pixels.Samples == 3 && !namesColors)
        {
            encoded = WithColors(encoded, pixels.Photometric != PhotometricInterpretation.Rgb);
        }

        Image decoded = Decode(encoded, index);
        CheckSize(decoded.Width, decoded.Height, index);
        if (decoded.Channels != pixels.Samples)
        {
            throw new InvalidDataException(
                $"the JPEG of its frame {index + 1} has {decoded.Channels} samples a pixel, not the {pixels.Samples} of the file");
        }

        return new StoredFrame(decoded.Pixels, pixels.Samples == 3 ? PhotometricInterpretation.Rgb : pixels.Photometric);
    }

    // No more is decoded than the file says: a decoder may see another header than the check before.
    private Image Decode(byte[] encoded, int index)
    {
        try
        {
            ImageLimits limits = new() { Pixels = (long)pixels.Width * pixels.Height };
            return Reader.Decode(encoded, $"the JPEG of its frame {index + 1}", limits);
        }
        catch (BadFileException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>Checks the size before anything is decoded, and finds whether the JPEG itself says what its colors are.</summary>
    private bool CheckHeader(ReadOnlySpan<byte> jpeg, int index)
    {
        bool namesColors = false;
        bool isSized = false;
        if (jpeg.Length < 2 || jpeg[0] != 0xFF || jpeg[1] != StartOfImage
            || (long)pixels.Width * pixels.Height > (long)LargestRatio * jpeg.Length)
        {
            throw Damaged(index);
        }

        for (int offset = 2; ;)
        {
            if (offset + 4 > jpeg.Length || jpeg[offset] != 0xFF)
            {
                throw Damaged(index);
            }

            byte marker = jpeg[offset + 1];
            if (marker == 0xFF)
            {
                offset++;
                continue;
            }

            ReadOnlySpan<byte> segment = jpeg[(offset + 4)..];
            switch (marker)
            {
                case JfifMarker:
                    namesColors |= segment.StartsWith("JFIF"u8);
                    break;
                case AdobeMarker:
                    namesColors |= segment.StartsWith("Adobe"u8);
                    break;
                case BaselineFrame when segment.Length >= 5:
                    int height = BinaryPrimitives.ReadUInt16BigEndian(segment[1..]);
                    CheckSize(BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), height, index);
                    isSized = true;
                    break;
                case StartOfScan:
                    return isSized ? namesColors : throw Damaged(index);
            }

            offset += 2 + BinaryPrimitives.ReadUInt16BigEndian(jpeg[(offset + 2)..]);
        }
    }

    private void CheckSize(int width, int height, int index)
    {
        if (width != pixels.Width || height != pixels.Height)
        {
            throw new InvalidDataException(
                $"the JPEG of its frame {index + 1} is {width} x {height}, not the {pixels.Width} x {pixels.Height} of the file");
        }
    }

    // A JPEG that does not say whether it is RGB or YCbCr is what the file says; Adobe's marker is how a decoder is told.
    private static byte[] WithColors(byte[] jpeg, bool isYbr) =>
        [0xFF, StartOfImage, 0xFF, AdobeMarker, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)(isYbr ? 1 : 0), .. jpeg.AsSpan(2)];

    private static InvalidDataException Damaged(int index) =>
        new($"its frame {index + 1} is no baseline JPEG, or a damaged one: copy it again, or convert it with \"dcmdjpeg IN.dcm OUT.dcm\"");
}
