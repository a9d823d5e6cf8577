using System.Buffers;

namespace CMUNeXt.Server.Serving;

/// <summary>
/// Reads a body whole. What comes beyond the first guess goes into small blocks that are used again: an array that grows would leave as
/// much garbage behind as the body is long, which many bodies at once, or small ones that unpack to large ones, fill the machine's memory
/// with.
/// </summary>
internal static class RequestBody
{
    /// <summary>The bytes that are taken where no length is said.</summary>
    public const int FirstGuess = 4096;

    /// <summary>The most bytes that a said length is believed.</summary>
    public const int LargestGuess = 1 << 20;

    /// <summary>The bytes of a block.</summary>
    public const int Block = 1 << 16;

    /// <summary>Reads to the end.</summary>
    /// <param name="body">The body, which limits its own length.</param>
    /// <param name="length">The bytes that are said to come; null where it is not said. No more than a first guess.</param>
    /// <param name="memory">Where its bytes are counted.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="BusyException">There is no memory for it at the moment.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAll(Stream body, long? length, BodyMemory.Share memory, CancellationToken stop)
    {
        // One byte more than comes, so that the end is seen without a block.
        int size = (int)Math.Min(length ?? FirstGuess, LargestGuess) + 1;
        memory.Take(size);
        byte[] first = new byte[size];
        int count = await body.ReadAtLeastAsync(first, size, throwOnEndOfStream: false, stop).ConfigureAwait(false);
        return count < size ? first.AsMemory(0, count) : await ReadRest(first, body, memory, stop).ConfigureAwait(false);
    }

    private static async Task<ReadOnlyMemory<byte>> ReadRest(byte[] first, Stream body, BodyMemory.Share memory, CancellationToken stop)
    {
        List<byte[]> blocks = [];
        try
        {
            int last;
            do
            {
                memory.Take(Block);
                blocks.Add(ArrayPool<byte>.Shared.Rent(Block));
                last = await body.ReadAtLeastAsync(blocks[^1].AsMemory(0, Block), Block, throwOnEndOfStream: false, stop)
                    .ConfigureAwait(false);
            }
            while (last == Block);

            int count = checked(first.Length + ((blocks.Count - 1) * Block) + last);
            memory.Take(count);
            byte[] whole = new byte[count];
            first.CopyTo(whole, 0);
            for (int i = 0; i < blocks.Count; i++)
            {
                int start = first.Length + (i * Block);
                blocks[i].AsSpan(0, Math.Min(Block, count - start)).CopyTo(whole.AsSpan(start));
            }

            memory.GiveBack(first.Length + (blocks.Count * Block));
            return whole;
        }
        finally
        {
            blocks.ForEach(static block => ArrayPool<byte>.Shared.Return(block));
        }
    }
}
