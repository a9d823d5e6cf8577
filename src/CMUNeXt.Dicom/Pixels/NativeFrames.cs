using CMUNeXt.Dicom.Format;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>Frames that are not compressed, one after another.</summary>
internal sealed class NativeFrames : FrameReader
{
    private readonly Element element;
    private readonly PixelDescription pixels;
    private readonly bool swapsBytes;
    private readonly bool isHalved;
    private readonly long frameLength;

    public NativeFrames(Element element, PixelDescription pixels, bool isBigEndian)
    {
        this.element = element;
        this.pixels = pixels;

        // Words of 16 bits are swapped whatever stands in them, and bytes never are.
        swapsBytes = isBigEndian && (pixels.BitsAllocated == 16 || element.Representation == ValueRepresentation.OW);

        // Some files say YBR_FULL_422 of pixels that share nothing: their length tells, up to the byte that makes it even.
        bool isWhole = element.Length - (pixels.FrameLength * pixels.Frames) is 0 or 1;
        isHalved = pixels.Photometric == PhotometricInterpretation.YbrFull422 && !isWhole;
        if (isHalved && (pixels.Width % 2 != 0 || pixels.IsPlanar))
        {
            throw new InvalidDataException("its pixels are YBR_FULL_422 of an odd width, or planar: the file is damaged");
        }

        frameLength = isHalved ? pixels.FrameLength / 3 * 2 : pixels.FrameLength;
        if (element.Length < frameLength * pixels.Frames)
        {
            throw new InvalidDataException(
                $"its pixels have {element.Length} bytes where {pixels.Frames} frames of {frameLength} should be: it ends too early");
        }
    }

    public override StoredFrame Read(int index)
    {
        long offset = index * frameLength;
        byte[] bytes = swapsBytes ? ReadSwapped(index) : element.Source.Read(element.Offset + offset, frameLength);
        return isHalved
            ? new StoredFrame(Expand(bytes), PhotometricInterpretation.YbrFull)
            : new StoredFrame(pixels.IsPlanar ? Interleave(bytes) : bytes, pixels.Photometric);
    }

    // A frame of an odd number of bytes begins in the middle of a word.
    private byte[] ReadSwapped(int index)
    {
        long offset = index * frameLength;
        long first = offset & ~1L;
        long end = Math.Min((offset + frameLength + 1) & ~1L, element.Length & ~1L);
        if (end < offset + frameLength)
        {
            throw new InvalidDataException(
                $"its pixels have {element.Length} bytes, half a word too few for its frame {index + 1}: the file is damaged");
        }

        byte[] words = element.Source.Read(element.Offset + first, end - first);
        for (int i = 0; i + 1 < words.Length; i += 2)
        {
            (words[i], words[i + 1]) = (words[i + 1], words[i]);
        }

        int skipped = (int)(offset - first);
        return skipped == 0 && words.Length == frameLength
            ? words
            : words.AsSpan(skipped, (int)frameLength).ToArray();
    }

    private byte[] Interleave(byte[] planes)
    {
        int size = pixels.BytesPerSample;
        int plane = planes.Length / pixels.Samples;
        byte[] interleaved = new byte[planes.Length];
        for (int sample = 0; sample < pixels.Samples; sample++)
        {
            ReadOnlySpan<byte> from = planes.AsSpan(sample * plane, plane);
            for (int i = 0, to = sample * size; i < plane; i += size, to += pixels.Samples * size)
            {
                for (int b = 0; b < size; b++)
                {
                    interleaved[to + b] = from[i + b];
                }
            }
        }

        return interleaved;
    }

    // Two luminances, and the differences that they share.
    private static byte[] Expand(byte[] halved)
    {
        byte[] full = new byte[halved.Length / 2 * 3];
        for (int i = 0, to = 0; i < halved.Length; i += 4, to += 6)
        {
            full[to] = halved[i];
            full[to + 3] = halved[i + 1];
            full[to + 1] = full[to + 4] = halved[i + 2];
            full[to + 2] = full[to + 5] = halved[i + 3];
        }

        return full;
    }
}
