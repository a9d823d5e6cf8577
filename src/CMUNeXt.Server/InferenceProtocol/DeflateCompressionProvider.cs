using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>What HTTP calls deflate: the zlib format (RFC 9110, 8.4.1.2), which the framework opens but does not write.</summary>
internal sealed class DeflateCompressionProvider : ICompressionProvider
{
    /// <inheritdoc/>
    public string EncodingName => "deflate";

    /// <inheritdoc/>
    public bool SupportsFlush => true;

    /// <inheritdoc/>
    public Stream CreateStream(Stream outputStream) => new ZLibStream(outputStream, CompressionLevel.Fastest, leaveOpen: true);
}
