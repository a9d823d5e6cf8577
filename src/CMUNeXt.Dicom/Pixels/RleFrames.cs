using System.Buffers.Binary;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>Frames in run lengths (PS3.5, annex G): a segment for each byte of each sample, the high byte first.</summary>
internal sealed class RleFrames(EncapsulatedFrames frames, PixelDescription pixels) : FrameReader
{
    private const int HeaderLength = 64;

    // Two bytes stand for at most 128.
    private const int LargestRatio = 64;

    public override StoredFrame Read(int index)
    {
        ReadOnlySpan<byte> frame = frames.Read(index);
        int count = pixels.Samples * pixels.BytesPerSample;
        if (frame.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(frame) != count)
        {
            throw Damaged(index);
        }

        if (pixels.FrameLength > (long)LargestRatio * frame.Length)
        {
            throw Damaged(index);
        }

        byte[] bytes = new byte[pixels.FrameLength];
        for (int segment = 0; segment < count; segment++)
        {
            uint start = Offset(frame, segment);
            uint end = segment + 1 < count ? Offset(frame, segment + 1) : (uint)frame.Length;
            if (start < HeaderLength || end < start || end > frame.Length)
            {
                throw Damaged(index);
            }

            int sample = segment / pixels.BytesPerSample;
            int lowByte = pixels.BytesPerSample - 1 - (segment % pixels.BytesPerSample);
            Decode(frame[(int)start..(int)end], bytes, (sample * pixels.BytesPerSample) + lowByte, count, index);
        }

        return new StoredFrame(bytes, pixels.Photometric);
    }

    private static uint Offset(ReadOnlySpan<byte> frame, int segment) =>
        BinaryPrimitives.ReadUInt32LittleEndian(frame[(4 * (segment + 1))..]);

    // A control byte: copy the next n + 1 bytes, or repeat the next one 1 - n times.
    private static void Decode(ReadOnlySpan<byte> segment, byte[] bytes, int place, int step, int index)
    {
        int read = 0;
        while (place < bytes.Length)
        {
            if (read + 1 >= segment.Length)
            {
                throw Damaged(index);
            }

            int control = (sbyte)segment[read++];
            if (control >= 0)
            {
                for (int i = 0; i <= control && place < bytes.Length; i++, place += step)
                {
                    bytes[place] = read < segment.Length ? segment[read++] : throw Damaged(index);
                }
            }
            else if (control != sbyte.MinValue)
            {
                byte value = segment[read++];
                for (int i = 0; i <= -control && place < bytes.Length; i++, place += step)
                {
                    bytes[place] = value;
                }
            }
        }
    }

    private static InvalidDataException Damaged(int index) =>
        new($"the run lengths of its frame {index + 1} are damaged: copy the file again from its source");
}
