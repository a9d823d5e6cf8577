namespace CMUNeXt.Server.Serving;

/// <summary>Reads a body whole.</summary>
internal static class RequestBody
{
    private const int FirstGuess = 4096;
    private const int LargestGuess = 1 << 20;

    /// <summary>Reads to the end.</summary>
    /// <param name="body">The body, which limits its own length.</param>
    /// <param name="length">The bytes that are said to come; null where it is not said. No more than a first guess.</param>
    /// <param name="memory">Where its bytes are counted.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="BusyException">There is no memory for it at the moment.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAll(Stream body, long? length, BodyMemory.Share memory, CancellationToken stop)
    {
        // One byte more than comes, so that the end is seen without growing.
        int size = (int)Math.Min(length ?? FirstGuess, LargestGuess) + 1;
        memory.Take(size);
        byte[] content = new byte[size];
        int count = 0;
        for (int read; (read = await body.ReadAsync(content.AsMemory(count), stop).ConfigureAwait(false)) > 0;)
        {
            count += read;
            if (count == content.Length)
            {
                int larger = (int)(count < length ? Math.Min(2L * count, length.Value + 1) : 2L * count);
                memory.Take(larger);
                memory.GiveBack(content.Length);
                Array.Resize(ref content, larger);
            }
        }

        return content.AsMemory(0, count);
    }
}
