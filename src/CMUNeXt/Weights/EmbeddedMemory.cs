using System.Buffers;

namespace CMUNeXt.Weights;

/// <summary>Memory of the program's own image, which is there as long as the program runs.</summary>
internal sealed unsafe class EmbeddedMemory : MemoryManager<byte>
{
    private readonly byte* start;
    private readonly int length;

    private EmbeddedMemory(UnmanagedMemoryStream stream)
    {
        start = stream.PositionPointer;
        length = checked((int)stream.Length);
    }

    /// <summary>The bytes of a resource: in place, or copied where the assembly does not lie in memory as it does in its file.</summary>
    public static ReadOnlyMemory<byte> Of(Stream resource)
    {
        if (resource is UnmanagedMemoryStream inPlace)
        {
            return new EmbeddedMemory(inPlace).Memory;
        }

        byte[] copy = new byte[resource.Length];
        resource.ReadExactly(copy);
        return copy;
    }

    public override Span<byte> GetSpan() => new(start, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }
}
