using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Serving;

/// <summary>
/// The memory for the bodies of all requests together, and for what their answers are made of, so that many large ones at once, or small
/// ones that unpack to large ones, are refused and do not fill the machine's memory.
/// </summary>
internal sealed class BodyMemory
{
    private readonly ServerOptions options;
    private readonly SegmentationQueue queue;
    private long held;

    public BodyMemory(ServerOptions options, SegmentationQueue queue, ServerMetrics metrics)
    {
        this.options = options;
        this.queue = queue;
        metrics.ObserveBodies(() => Volatile.Read(ref held));
    }

    /// <summary>The share of a request, given back when it is answered.</summary>
    public Share For(HttpContext context)
    {
        Share share = new(this);
        context.Response.RegisterForDispose(share);
        return share;
    }

    /// <summary>What one request holds.</summary>
    public sealed class Share(BodyMemory memory) : IDisposable
    {
        private long bytes;

        /// <summary>Takes more.</summary>
        /// <exception cref="BusyException">Other requests hold too much at the moment.</exception>
        /// <exception cref="BadHttpRequestException">This request alone would hold more than all may.</exception>
        public void Take(long more)
        {
            if (bytes + more > memory.Limit)
            {
                throw TooMuch();
            }

            if (Interlocked.Add(ref memory.held, more) > memory.Limit)
            {
                Interlocked.Add(ref memory.held, -more);
                throw memory.Busy;
            }

            bytes += more;
        }

        /// <summary>Takes an array.</summary>
        /// <inheritdoc cref="Take"/>
        public byte[] TakeArray(long length)
        {
            Take(length);
            return length <= Array.MaxLength ? new byte[length] : throw TooMuch();
        }

        /// <summary>Gives some back.</summary>
        public void GiveBack(long less)
        {
            Interlocked.Add(ref memory.held, -less);
            bytes -= less;
        }

        /// <inheritdoc/>
        public void Dispose() => GiveBack(bytes);

        private static BadHttpRequestException TooMuch() =>
            new("The request takes more memory than there is for all requests.", StatusCodes.Status413PayloadTooLarge);
    }

    private long Limit => options.BodiesLimit;

    private BusyException Busy => new(queue.TimeAhead);
}
