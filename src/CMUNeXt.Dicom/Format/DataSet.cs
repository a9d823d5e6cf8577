using System.Buffers.Binary;
using System.Collections;
using System.Globalization;
using System.Text;
using CMUNeXt.Files;
using static CMUNeXt.Dicom.Format.ValueRepresentation;

namespace CMUNeXt.Dicom.Format;

/// <summary>
/// A data set, or an item of a sequence: elements by tag, of a file or made to be written. Values are read by their representation.
/// </summary>
/// <param name="isBigEndian">Numbers have their high byte first.</param>
internal sealed class DataSet(bool isBigEndian = false) : IEnumerable<Element>
{
    private const int LongestText = 0xFFFE;

    private readonly SortedDictionary<Tag, Element> elements = [];

    /// <summary>Puts an element in place of an earlier one of its tag.</summary>
    public void Set(Element element) => elements[element.Tag] = element;

    /// <summary>Adds a text of ASCII; null adds an empty value.</summary>
    public void Add(DicomAttribute attribute, string? text) => Add(attribute, Encoding.ASCII.GetBytes(text ?? ""));

    /// <summary>Adds a whole number, as the attribute's representation has it.</summary>
    public void Add(DicomAttribute attribute, int value)
    {
        if (attribute.Representation == IS)
        {
            Add(attribute, value.ToString(CultureInfo.InvariantCulture));
            return;
        }

        byte[] bytes = new byte[attribute.Representation == US ? 2 : 4];
        if (attribute.Representation == US)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, checked((ushort)value));
        }
        else
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        }

        Add(attribute, bytes);
    }

    /// <summary>Adds the tag of another attribute.</summary>
    public void Add(DicomAttribute attribute, DicomAttribute pointer)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, pointer.Tag.Group);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), pointer.Tag.Element);
        Add(attribute, bytes);
    }

    /// <summary>Adds a sequence.</summary>
    public void Add(DicomAttribute attribute, IReadOnlyList<DataSet> items) =>
        Set(new Element(attribute.Tag, SQ, ByteSource.From(default), 0, 0) { Items = items });

    /// <summary>Adds a value as it is to stand in the file, without padding.</summary>
    public void Add(DicomAttribute attribute, byte[] value) =>
        Set(new Element(attribute.Tag, attribute.Representation, ByteSource.From(value), 0, value.Length));

    /// <summary>Copies texts, byte for byte: what has no value there, or one too long for its representation, stays away.</summary>
    public void Copy(DataSet from, params IEnumerable<DicomAttribute> attributes)
    {
        foreach (DicomAttribute attribute in attributes)
        {
            if (from.Find(attribute) is { Length: > 0 and <= LongestText } element)
            {
                Set(element with { Representation = attribute.Representation });
            }
        }
    }

    public IEnumerator<Element> GetEnumerator() => elements.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>An element, or null.</summary>
    public Element? Find(DicomAttribute attribute) => elements.GetValueOrDefault(attribute.Tag);

    /// <summary>The items of a sequence; none where there is no such sequence.</summary>
    public IReadOnlyList<DataSet> Items(DicomAttribute attribute) => Find(attribute)?.Items ?? [];

    /// <summary>A value as text, without padding; null where there is none or it is empty.</summary>
    /// <exception cref="InvalidDataException">It is too long, or no text.</exception>
    public string? Text(DicomAttribute attribute)
    {
        if (Find(attribute) is not { Length: > 0 } element)
        {
            return null;
        }

        if (element.Length > LongestText || !(element.Representation.IsText() || element.Representation == UN))
        {
            throw Bad(attribute, "is no text");
        }

        bool isUtf8 = attribute != DicomAttribute.SpecificCharacterSet && Text(DicomAttribute.SpecificCharacterSet) == "ISO_IR 192";
        string text = (isUtf8 ? Encoding.UTF8 : Encoding.Latin1).GetString(element.Read()).Trim(' ', '\0');
        return text.Length == 0 ? null : text;
    }

    /// <summary>The first of the values that a text names; null where there is none.</summary>
    public string? FirstText(DicomAttribute attribute) => Text(attribute)?.Split('\\')[0].Trim();

    /// <summary>The first value as a whole number; null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is something else.</exception>
    public long? Integer(DicomAttribute attribute)
    {
        if (Find(attribute) is not { Length: > 0 } element)
        {
            return null;
        }

        if (element.Representation is IS or DS)
        {
            const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite;
            return long.TryParse(FirstText(attribute), Style, CultureInfo.InvariantCulture, out long value)
                ? value
                : throw Bad(attribute, $"is \"{PrintableName.Of(Text(attribute) ?? "")}\", no whole number");
        }

        return element.Representation switch
        {
            US => ReadNumbers(element, 2, 1)[0],
            SS => (short)ReadNumbers(element, 2, 1)[0],
            UL => ReadNumbers(element, 4, 1)[0],
            SL => (int)ReadNumbers(element, 4, 1)[0],
            _ => throw Bad(attribute, "is no whole number"),
        };
    }

    /// <summary>The first value as a number; null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is something else, or not finite.</exception>
    public double? Number(DicomAttribute attribute)
    {
        if (Find(attribute) is not { Length: > 0 } element)
        {
            return null;
        }

        double value;
        switch (element.Representation)
        {
            case DS or IS:
                value = Parse(FirstText(attribute));
                break;
            case FD when element.Length >= 8:
                byte[] bytes = element.Source.Read(element.Offset, 8);
                value = isBigEndian ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes);
                break;
            default:
                return Integer(attribute);
        }

        return double.IsFinite(value) ? value : throw Bad(attribute, "is no number");
    }

    /// <summary>All values of a text of numbers; none where there is no such text.</summary>
    /// <exception cref="InvalidDataException">One is no number.</exception>
    public double[] Numbers(DicomAttribute attribute) => Text(attribute) is { } text
        ? [.. text.Split('\\').Select(Parse).Select(value => double.IsFinite(value) ? value : throw Bad(attribute, "is no number"))]
        : [];

    /// <summary>
    /// Whole numbers of 16 bits without a sign, as lookup tables have them, whatever representation the file names for them.
    /// </summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="most">The largest number of values.</param>
    /// <exception cref="InvalidDataException">There are more.</exception>
    public ushort[]? Words(DicomAttribute attribute, int most)
    {
        if (Find(attribute) is not { Length: > 0 } element)
        {
            return null;
        }

        if (element.Length / 2 > most)
        {
            throw Bad(attribute, $"has {element.Length / 2} values where {most} may be");
        }

        return Array.ConvertAll(ReadNumbers(element, 2, (int)(element.Length / 2)), static value => (ushort)value);
    }

    /// <summary>The message for a value that is not what it should be.</summary>
    public static InvalidDataException Bad(DicomAttribute attribute, string problem) => new($"its {attribute} {problem}");

    private static double Parse(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;

    private uint[] ReadNumbers(Element element, int size, int count)
    {
        ReadOnlySpan<byte> bytes = element.Source.Read(element.Offset, Math.Min(element.Length, (long)size * count));
        if (bytes.Length < size * count)
        {
            throw new InvalidDataException($"its element {element.Tag} has {element.Length} bytes, too few for a number");
        }

        uint[] numbers = new uint[count];
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<byte> number = bytes.Slice(i * size, size);
            numbers[i] = (size, isBigEndian) switch
            {
                (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(number),
                (2, true) => BinaryPrimitives.ReadUInt16BigEndian(number),
                (_, false) => BinaryPrimitives.ReadUInt32LittleEndian(number),
                (_, true) => BinaryPrimitives.ReadUInt32BigEndian(number),
            };
        }

        return numbers;
    }
}
