using CMUNeXt.Engine.Memory;

namespace CMUNeXt.Engine.Training.Memory;

/// <summary>Makes the maps of a network, and lends the memory of those that are no longer needed again.</summary>
internal sealed unsafe class BatchMemory(BatchSize batch) : IDisposable
{
    private readonly List<NativeBuffer> all = [];
    private readonly List<NativeBuffer> free = [];
    private readonly Dictionary<BatchMap, NativeBuffer> lent = [];

    /// <summary>A map; what is in it is left over from others.</summary>
    public BatchMap Rent(int blocks, int height, int width)
    {
        nint size = BatchMap.Size(batch, blocks, height, width);
        NativeBuffer? memory = free.Where(buffer => buffer.Count >= size).MinBy(buffer => buffer.Count);
        if (memory is null)
        {
            memory = new NativeBuffer(size);
            all.Add(memory);
        }

        free.Remove(memory);
        BatchMap map = new(batch, memory, blocks, height, width);
        lent.Add(map, memory);
        return map;
    }

    /// <summary>Takes back a map that nothing reads after what was planned so far.</summary>
    public void Return(BatchMap map)
    {
        lent.Remove(map, out NativeBuffer? memory);
        free.Add(memory!);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBuffer memory in all)
        {
            memory.Dispose();
        }
    }
}
