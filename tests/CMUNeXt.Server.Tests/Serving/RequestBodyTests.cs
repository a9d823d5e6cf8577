using CMUNeXt.Server.Serving;
using Microsoft.AspNetCore.Http;

namespace CMUNeXt.Server.Tests.Serving;

/// <summary>A body is read as it came, and counted as long as it is held.</summary>
public sealed class RequestBodyTests : IDisposable
{
    private const int Limit = 8 << 20;

    private readonly ServerMetrics metrics = new();
    private readonly SegmentationQueue queue;
    private readonly BodyMemory memory;

    public RequestBodyTests()
    {
        queue = new SegmentationQueue(workers: 1, queueLimit: 1, metrics);
        memory = new BodyMemory(new ServerOptions { Weights = [], BodiesLimit = Limit }, queue, metrics);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        queue.Dispose();
        metrics.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(RequestBody.FirstGuess)]
    [InlineData(RequestBody.FirstGuess + 1)]
    [InlineData(RequestBody.FirstGuess + 1 + RequestBody.Block)]
    [InlineData(RequestBody.LargestGuess + 1 + (3 * RequestBody.Block) - 1)]
    [InlineData(RequestBody.LargestGuess + 1 + (3 * RequestBody.Block))]
    public async Task A_body_is_read_whole_whatever_length_is_said(int length)
    {
        byte[] sent = new byte[length];
        new Random(length).NextBytes(sent);
        foreach (long? said in new long?[] { null, 0, length, 10L * length })
        {
            using BodyMemory.Share share = NewShare();
            ReadOnlyMemory<byte> read = await RequestBody.ReadAll(new Trickle(sent), said, share, Stop);
            Assert.True(read.Span.SequenceEqual(sent), $"{length} bytes, of which {said} were said to come");
        }
    }

    // The doubling array that this replaces left three times the body behind.
    [Fact]
    public async Task A_body_that_says_no_length_takes_little_more_memory_than_its_bytes()
    {
        const int Length = 3 << 20;
        byte[] sent = new byte[Length];
        using (BodyMemory.Share first = NewShare())
        {
            await RequestBody.ReadAll(new MemoryStream(sent), null, first, Stop);
        }

        using BodyMemory.Share share = NewShare();
        long before = GC.GetTotalAllocatedBytes(precise: true);
        await RequestBody.ReadAll(new MemoryStream(sent), null, share, Stop);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, Length, 2 * Length);
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused_and_what_it_took_is_given_back()
    {
        using (BodyMemory.Share share = NewShare())
        {
            MemoryStream body = new(new byte[Limit + 1]);
            BadHttpRequestException refused = await Assert.ThrowsAsync<BadHttpRequestException>(
                () => RequestBody.ReadAll(body, null, share, Stop));
            Assert.Equal(StatusCodes.Status413PayloadTooLarge, refused.StatusCode);
        }

        using BodyMemory.Share next = NewShare();
        next.Take(Limit);
    }

    private BodyMemory.Share NewShare() => memory.For(new DefaultHttpContext());

    /// <summary>A body that comes in pieces of all lengths, as from a network.</summary>
    private sealed class Trickle(byte[] content) : MemoryStream(content)
    {
        private readonly Random random = new(1);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 100_000))], cancellationToken);
    }
}
