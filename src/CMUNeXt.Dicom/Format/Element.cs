namespace CMUNeXt.Dicom.Format;

/// <summary>
/// An element of a data set: where its value stands, or its items, or its fragments. The value is read where it is asked for.
/// </summary>
/// <param name="Tag">Its tag.</param>
/// <param name="Representation">How its value is written.</param>
/// <param name="Source">Where the value's bytes are.</param>
/// <param name="Offset">The place of the first.</param>
/// <param name="Length">Their number.</param>
internal sealed record Element(Tag Tag, ValueRepresentation Representation, ByteSource Source, long Offset, long Length)
{
    /// <summary>The items of a sequence; none for any other element.</summary>
    public IReadOnlyList<DataSet> Items { get; init; } = [];

    /// <summary>The fragments of compressed pixels, the offset table first; null where the value is in one piece.</summary>
    public IReadOnlyList<Fragment>? Fragments { get; init; }

    /// <summary>The value's bytes.</summary>
    public byte[] Read() => Source.Read(Offset, Length);
}

/// <summary>A piece of compressed pixels.</summary>
/// <param name="Offset">The place of its first byte in the file.</param>
/// <param name="Length">The number of its bytes.</param>
/// <param name="ItemOffset">The place of its item's tag, which an offset table counts from the first fragment's.</param>
internal readonly record struct Fragment(long Offset, long Length, long ItemOffset);
