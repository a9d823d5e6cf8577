using System.Buffers.Binary;
using static CMUNeXt.Dicom.Format.ValueRepresentation;

namespace CMUNeXt.Dicom.Format;

/// <summary>
/// Reads the structure of a data set (PS3.5, 7): tags, representations and lengths. Values stay where they are. Nothing that a file
/// says is believed: lengths end within what holds them, and numbers of elements and depths have limits.
/// </summary>
/// <param name="source">The bytes.</param>
/// <param name="isExplicit">Each element names its value representation.</param>
/// <param name="isBigEndian">Numbers have their high byte first.</param>
/// <param name="limits">What the file may cost.</param>
internal sealed class DataSetReader(ByteSource source, bool isExplicit, bool isBigEndian, DicomLimits limits)
{
    private const uint UndefinedLength = 0xFFFF_FFFF;

    private static readonly Tag Item = new(0xFFFE_E000);
    private static readonly Tag ItemDelimitation = new(0xFFFE_E00D);
    private static readonly Tag SequenceDelimitation = new(0xFFFE_E0DD);

    private readonly byte[] window = new byte[4096];
    private long windowOffset;
    private int windowLength;
    private int count;

    /// <summary>Where the next element is.</summary>
    public long Position { get; private set; }

    /// <summary>
    /// Reads the elements of the file's head, which is explicit and little endian; stops before the first of another group.
    /// </summary>
    public DataSet ReadFileMeta(long offset)
    {
        Position = offset;
        DataSet meta = new();
        while (Position < source.Length && PeekTag().Group == 0x0002)
        {
            meta.Set(ReadElement(source.Length, isExplicit, 0));
        }

        return meta;
    }

    /// <summary>Reads the data set up to its pixels: what comes after them is not looked at.</summary>
    public DataSet ReadMain(long offset)
    {
        Position = offset;
        DataSet main = new(isBigEndian);
        while (Position < source.Length)
        {
            Element element = ReadElement(source.Length, isExplicit, 0);
            main.Set(element);
            if (element.Tag == DicomAttribute.PixelData.Tag)
            {
                break;
            }
        }

        return main;
    }

    private Element ReadElement(long end, bool withRepresentation, int depth)
    {
        Count();
        Tag tag = ReadTag(end);
        ValueRepresentation representation;
        uint length;
        if (tag.Group == 0xFFFE)
        {
            throw new InvalidDataException(
                $"at byte {Position - 4} there is {tag}, which belongs to a sequence, where an element should be: the file is damaged");
        }

        if (withRepresentation)
        {
            ReadOnlySpan<byte> letters = Take(2, end);
            representation = (ValueRepresentation)((letters[0] << 8) | letters[1]);
            if (!Enum.IsDefined(representation))
            {
                throw new InvalidDataException(
                    $"its element {tag} at byte {Position - 6} names no value representation: the file is damaged, or mislabeled");
            }

            length = representation.HasLongLength() ? ReadLongLength(end) : ReadUInt16(end);
        }
        else
        {
            representation = DicomAttribute.RepresentationOf(tag);
            length = ReadUInt32(end);
        }

        if (tag == DicomAttribute.PixelData.Tag && length == UndefinedLength)
        {
            return new Element(tag, representation, source, Position, 0) { Fragments = ReadFragments(end) };
        }

        // A sequence of an unknown kind is written as in an implicit file (PS3.5, 6.2.2).
        if (representation == SQ || length == UndefinedLength)
        {
            bool itemsAreExplicit = withRepresentation && representation == SQ;
            return new Element(tag, SQ, source, Position, 0) { Items = ReadItems(tag, length, end, itemsAreExplicit, depth + 1) };
        }

        Element element = new(tag, representation, source, Position, length);
        Skip(tag, length, end);
        return element;
    }

    private List<DataSet> ReadItems(Tag sequence, uint length, long end, bool withRepresentation, int depth)
    {
        if (depth > limits.Depth)
        {
            throw new InvalidDataException($"its sequences are more than {limits.Depth} deep");
        }

        long sequenceEnd = EndOf(sequence, length, end);
        List<DataSet> items = [];
        while (Position < sequenceEnd)
        {
            Count();
            Tag tag = ReadTag(sequenceEnd);
            uint itemLength = ReadUInt32(sequenceEnd);
            if (tag == SequenceDelimitation && length == UndefinedLength)
            {
                return items;
            }

            if (tag != Item)
            {
                throw new InvalidDataException(
                    $"in its sequence {sequence}, at byte {Position - 8}, there is {tag} where an item should be: the file is damaged");
            }

            items.Add(ReadItem(sequence, itemLength, sequenceEnd, withRepresentation, depth));
        }

        return length == UndefinedLength ? throw EndsTooEarly() : items;
    }

    private DataSet ReadItem(Tag sequence, uint length, long end, bool withRepresentation, int depth)
    {
        long itemEnd = EndOf(sequence, length, end);
        DataSet item = new(isBigEndian);
        while (Position < itemEnd)
        {
            if (length == UndefinedLength && PeekTag() == ItemDelimitation)
            {
                Skip(sequence, 8, itemEnd);
                return item;
            }

            item.Set(ReadElement(itemEnd, withRepresentation, depth));
        }

        return length == UndefinedLength ? throw EndsTooEarly() : item;
    }

    private List<Fragment> ReadFragments(long end)
    {
        List<Fragment> fragments = [];
        while (true)
        {
            Count();
            long offset = Position;
            Tag tag = ReadTag(end);
            uint length = ReadUInt32(end);
            if (tag == SequenceDelimitation)
            {
                return fragments;
            }

            if (tag != Item || length == UndefinedLength)
            {
                throw new InvalidDataException(
                    $"in its compressed pixels, at byte {offset}, there is no fragment where one should be: the file is damaged");
            }

            fragments.Add(new Fragment(Position, length, offset));
            Skip(DicomAttribute.PixelData.Tag, length, end);
        }
    }

    private void Count()
    {
        if (++count > limits.Elements)
        {
            throw new InvalidDataException($"it has more than {limits.Elements} elements");
        }
    }

    private long EndOf(Tag tag, uint length, long end)
    {
        if (length == UndefinedLength)
        {
            return end;
        }

        return Position + length <= end ? Position + length : throw TooLong(tag, length, end);
    }

    private void Skip(Tag tag, uint length, long end)
    {
        if (Position + length > end)
        {
            throw TooLong(tag, length, end);
        }

        Position += length;
    }

    private InvalidDataException TooLong(Tag tag, uint length, long end) =>
        new($"its element {tag} says {length} bytes where {end - Position} are left: the file is damaged or ends too early");

    private Tag PeekTag()
    {
        long position = Position;
        Tag tag = ReadTag(source.Length);
        Position = position;
        return tag;
    }

    private Tag ReadTag(long end)
    {
        ushort group = ReadUInt16(end);
        return new Tag(group, ReadUInt16(end));
    }

    private uint ReadLongLength(long end)
    {
        Take(2, end);
        return ReadUInt32(end);
    }

    private ushort ReadUInt16(long end)
    {
        ReadOnlySpan<byte> bytes = Take(2, end);
        return isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    private uint ReadUInt32(long end)
    {
        ReadOnlySpan<byte> bytes = Take(4, end);
        return isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    private ReadOnlySpan<byte> Take(int length, long end)
    {
        if (Position + length > end)
        {
            throw EndsTooEarly();
        }

        if (Position < windowOffset || Position + length > windowOffset + windowLength)
        {
            windowOffset = Position;
            windowLength = (int)Math.Min(window.Length, source.Length - Position);
            source.Read(windowOffset, window.AsSpan(0, windowLength));
        }

        ReadOnlySpan<byte> bytes = window.AsSpan((int)(Position - windowOffset), length);
        Position += length;
        return bytes;
    }

    private static InvalidDataException EndsTooEarly() => new("the file ends too early: copy it again from its source");
}
