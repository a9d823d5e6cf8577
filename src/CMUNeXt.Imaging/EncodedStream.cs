using CMUNeXt.Files;

namespace CMUNeXt.Imaging;

/// <summary>Reads an encoded image from a stream, such as the body of a request: no more bytes than an image file may have.</summary>
internal static class EncodedStream
{
    /// <inheritdoc cref="ImageFile.LoadAsync"/>
    public static async Task<byte[]> ReadAsync(Stream stream, string name, ImageLimits limits, CancellationToken cancellation)
    {
        // However high the limit, the content has to fit into one array.
        long most = Math.Min(limits.Bytes, Array.MaxLength);
        using MemoryStream content = new();
        byte[] part = new byte[1 << 16];
        for (int count; (count = await stream.ReadAsync(part, cancellation).ConfigureAwait(false)) > 0;)
        {
            if (content.Length + count > most)
            {
                throw new BadFileException(name, $"more than the {most} bytes that an image file may have");
            }

            content.Write(part, 0, count);
        }

        return content.ToArray();
    }
}
