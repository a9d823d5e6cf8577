using System.Buffers.Binary;
using CMUNeXt.Dicom.Format;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>Which fragments of compressed pixels make which frame (PS3.5, annex A.4).</summary>
internal sealed class EncapsulatedFrames
{
    private readonly ByteSource source;
    private readonly IReadOnlyList<Fragment[]> frames;
    private readonly long longestFrame;

    private EncapsulatedFrames(ByteSource source, IReadOnlyList<Fragment[]> frames, long longestFrame)
    {
        this.source = source;
        this.frames = frames;
        this.longestFrame = longestFrame;
    }

    /// <summary>
    /// Finds the frames: one fragment each, or all of the only frame, or as the offset table has them, or as JPEGs begin.
    /// </summary>
    /// <exception cref="InvalidDataException">None of these gives the number of frames that the file says.</exception>
    public static EncapsulatedFrames Find(Element element, PixelDescription pixels, bool areJpegs)
    {
        if (element.Fragments is not { Count: > 1 } fragments)
        {
            throw new InvalidDataException("its pixels are not in fragments, as its transfer syntax has them: the file is damaged");
        }

        Fragment[] pieces = [.. fragments.Skip(1)];
        List<Fragment[]>? frames = pieces.Length == pixels.Frames ? [.. pieces.Select(static piece => new[] { piece })]
            : pixels.Frames == 1 ? [pieces]
            : ByOffsets(element.Source, fragments[0], pieces, pixels.Frames)
                ?? (areJpegs ? ByBeginnings(element.Source, pieces, pixels.Frames) : null);

        // What is compressed may be a little longer than what is not, never much.
        return frames is null
            ? throw new InvalidDataException(
                $"its {pieces.Length} fragments do not make its {pixels.Frames} frames: "
                + $"copy it again, or convert it with \"{(areJpegs ? "dcmdjpeg" : "dcmdrle")} IN.dcm OUT.dcm\"")
            : new EncapsulatedFrames(element.Source, frames, (2 * pixels.FrameLength) + (1 << 16));
    }

    /// <summary>The compressed bytes of a frame.</summary>
    /// <exception cref="InvalidDataException">They are more than a frame can have.</exception>
    public byte[] Read(int index)
    {
        Fragment[] pieces = frames[index];
        long length = pieces.Sum(static piece => piece.Length);
        if (length > longestFrame)
        {
            throw new InvalidDataException(
                $"its frame {index + 1} has {length} compressed bytes, more than its pixels have: the file is damaged");
        }

        byte[] bytes = new byte[length];
        int offset = 0;
        foreach (Fragment piece in pieces)
        {
            source.Read(piece.Offset, bytes.AsSpan(offset, (int)piece.Length));
            offset += (int)piece.Length;
        }

        return bytes;
    }

    private static List<Fragment[]>? ByOffsets(ByteSource source, Fragment table, Fragment[] pieces, int count)
    {
        if (table.Length != 4L * count)
        {
            return null;
        }

        byte[] bytes = source.Read(table.Offset, table.Length);
        long Start(int frame) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4 * frame));
        long[] starts = [.. Enumerable.Range(0, count).Select(Start), long.MaxValue];
        List<Fragment[]> frames = [];
        int next = 0;
        for (int frame = 0; frame < count; frame++)
        {
            int first = next;
            while (next < pieces.Length && pieces[next].ItemOffset - pieces[0].ItemOffset < starts[frame + 1])
            {
                next++;
            }

            if (first == next || pieces[first].ItemOffset - pieces[0].ItemOffset != starts[frame])
            {
                return null;
            }

            frames.Add(pieces[first..next]);
        }

        return frames;
    }

    // Of the pieces of a JPEG, the first alone begins as one. The offset table may be empty, or stand elsewhere in the file.
    private static List<Fragment[]>? ByBeginnings(ByteSource source, Fragment[] pieces, int count)
    {
        int[] starts = [.. Enumerable.Range(0, pieces.Length).Where(i => BeginsJpeg(source, pieces[i])), pieces.Length];
        return starts[0] == 0 && starts.Length == count + 1
            ? [.. starts.Zip(starts.Skip(1), (start, end) => pieces[start..end])]
            : null;
    }

    private static bool BeginsJpeg(ByteSource source, Fragment piece)
    {
        Span<byte> beginning = stackalloc byte[3];
        if (piece.Length < beginning.Length)
        {
            return false;
        }

        source.Read(piece.Offset, beginning);
        return beginning is [0xFF, 0xD8, 0xFF];
    }
}
