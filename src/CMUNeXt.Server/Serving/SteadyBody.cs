using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Serving;

/// <summary>
/// The body of a request that has to keep coming. Kestrel's own limit is a mean over all that came, and so lets a body that began fast
/// stand still for minutes.
/// </summary>
internal sealed class SteadyBody(PipeReader body, TimeSpan patience) : Stream
{
    /// <summary>How long nothing may come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Holds every body to it.</summary>
    public static void Use(IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        context.Request.Body = new SteadyBody(context.Request.BodyReader, Patience);
        return next(context);
    });

    /// <inheritdoc/>
    /// <exception cref="BadHttpRequestException">Nothing came for too long: 408.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // A reading that a token breaks off cannot be ended in order; one whose pending read is cancelled can.
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using CancellationTokenRegistration ending = late.Token.Register(body.CancelPendingRead);
        late.CancelAfter(patience);
        ReadResult read = await body.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        if (read.IsCanceled)
        {
            body.AdvanceTo(read.Buffer.Start);
            cancellationToken.ThrowIfCancellationRequested();
            throw new BadHttpRequestException(
                $"The body stood still for {patience.TotalSeconds:0} seconds.", StatusCodes.Status408RequestTimeout);
        }

        int count = (int)Math.Min(read.Buffer.Length, buffer.Length);
        ReadOnlySequence<byte> taken = read.Buffer.Slice(0, count);
        taken.CopyTo(buffer.Span);
        body.AdvanceTo(taken.End);
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
