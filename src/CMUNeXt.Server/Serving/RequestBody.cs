namespace CMUNeXt.Server.Serving;

/// <summary>Reads a body whole.</summary>
internal static class RequestBody
{
    /// <summary>Reads to the end.</summary>
    /// <param name="body">The body, which limits its own length.</param>
    /// <param name="length">The bytes that are said to come; null where it is not said. No more than a first guess.</param>
    /// <param name="stop">Ends the reading.</param>
    public static async Task<ReadOnlyMemory<byte>> ReadAll(Stream body, long? length, CancellationToken stop)
    {
        const int LargestGuess = 1 << 20;
        MemoryStream content = new((int)Math.Min(length ?? 0, LargestGuess));
        await body.CopyToAsync(content, stop).ConfigureAwait(false);
        return content.GetBuffer().AsMemory(0, (int)content.Length);
    }
}
