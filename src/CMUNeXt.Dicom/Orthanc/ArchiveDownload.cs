using CMUNeXt.Files;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>
/// A file from an archive, counted before it is kept: what an archive decompresses may be many times as much as it has, and more than there
/// is room for.
/// </summary>
internal static class ArchiveDownload
{
    private const int Block = 1 << 16;

    /// <summary>Sends a request that is answered with a file.</summary>
    /// <param name="http">The connection to the archive.</param>
    /// <param name="request">The request; it is disposed of.</param>
    /// <param name="name">What messages call the file.</param>
    /// <param name="take">Told of bytes before they are kept; what it throws ends the call.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="BadFileException">The file is larger than an array.</exception>
    /// <exception cref="HttpRequestException">The archive refuses, or the answer broke off.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(
        HttpClient http, HttpRequestMessage request, string name, Action<long>? take, CancellationToken stop)
    {
        using HttpRequestMessage sent = request;
        using HttpResponseMessage response =
            await http.SendAsync(sent, HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        ArchiveRefusal.Check(response, []);
        long counted = 0;
        CountUpTo(response.Content.Headers.ContentLength ?? 0);
        using MemoryStream whole = new((int)counted);
        using Stream stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        byte[] block = new byte[Block];
        while (await ReadBlock().ConfigureAwait(false) is > 0 and int count)
        {
            CountUpTo(whole.Length + count);
            whole.Write(block, 0, count);
        }

        return whole.GetBuffer().AsMemory(0, (int)whole.Length);

        async ValueTask<int> ReadBlock()
        {
            try
            {
                return await stream.ReadAsync(block, stop).ConfigureAwait(false);
            }
            catch (IOException e)
            {
                throw new HttpRequestException($"The archive's answer broke off: {e.Message}", e);
            }
        }

        void CountUpTo(long bytes)
        {
            if (bytes > Array.MaxLength)
            {
                throw new BadFileException(name, $"has more than {Array.MaxLength} bytes, the most that are fetched from an archive");
            }

            if (bytes > counted)
            {
                take?.Invoke(bytes - counted);
                counted = bytes;
            }
        }
    }
}
