namespace CMUNeXt.Dicom.Format;

/// <summary>What names an attribute in a file: group and element.</summary>
internal readonly record struct Tag(uint Value) : IComparable<Tag>
{
    public Tag(ushort group, ushort element)
        : this(((uint)group << 16) | element)
    {
    }

    public ushort Group => (ushort)(Value >> 16);

    public ushort Element => (ushort)Value;

    public int CompareTo(Tag other) => Value.CompareTo(other.Value);

    public override string ToString() => $"({Group:x4},{Element:x4})";
}
