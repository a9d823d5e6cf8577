using System.Security.Cryptography.X509Certificates;
using CMUNeXt.Weights;

namespace CMUNeXt.Server.Serving;

/// <summary>What a server listens on, what it serves, and what a request may cost.</summary>
public sealed record ServerOptions
{
    /// <summary>The fewest characters of an API key.</summary>
    public const int ShortestKey = 16;

    /// <summary>The address or host name to listen on. Without an API key only a loopback address is accepted.</summary>
    public string Host { get; init; } = "localhost";

    /// <summary>The port, 0 to 65535; 0 takes a free one.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>The weights that are served, by name; the first is the default.</summary>
    public required IReadOnlyList<KeyValuePair<string, LoadedWeights>> Weights { get; init; }

    /// <summary>
    /// Whether the networks see each image flipped too (<see cref="SegmenterOptions.Flips"/>). The logits of a request's own tensor are
    /// those of the tensor alone.
    /// </summary>
    public bool Flips { get; init; }

    /// <summary>
    /// The keys of which a request has to show one, in the header <c>Authorization: Bearer KEY</c> or <c>X-API-Key</c>, each of at least
    /// <see cref="ShortestKey"/> characters; none asks for none.
    /// </summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>The server's certificate with its private key, and those that it was issued by; none serves without TLS.</summary>
    public IReadOnlyList<X509Certificate2> Certificates { get; init; } = [];

    /// <summary>
    /// The Orthanc whose ultrasound studies are opened on the page, and that takes masks; a user and a password may stand in its address.
    /// Null names none.
    /// </summary>
    public Uri? Archive { get; init; }

    /// <summary>
    /// The requests that are computed at once, each on one thread, at least 1; more than there are cores are as many as there are.
    /// Null takes one for each core.
    /// </summary>
    public int? Workers { get; init; }

    /// <summary>The requests that are computed at once.</summary>
    internal int WorkersHere => Math.Min(Workers ?? int.MaxValue, Environment.ProcessorCount);

    /// <summary>
    /// The images that wait for a worker, at least 0; a request more is refused with 429. Null takes 64 for each worker: half a second of
    /// work, since the whole seconds of Retry-After leave a server idle whose queue is much shorter than one.
    /// </summary>
    public int? QueueLimit { get; init; }

    /// <summary>
    /// Whether the logs have a line for each request: method, path, status and duration. Neither what follows the <c>?</c>, in which a
    /// search may name a patient, nor requests for health and metrics are there.
    /// </summary>
    public bool LogRequests { get; init; }

    /// <summary>The most bytes of a request's body.</summary>
    public long BodyLimit { get; init; } = 64L << 20;

    /// <summary>
    /// The most bytes of the bodies of all requests together, unpacked, and of what their answers are made of; a request more is refused
    /// with 429.
    /// </summary>
    public long BodiesLimit { get; init; } = 256L << 20;

    /// <summary>The most pixels of an image.</summary>
    public long PixelLimit { get; init; } = 40_000_000;

    /// <summary>The most images of a request.</summary>
    public int ImageLimit { get; init; } = 64;

    /// <summary>The time that a request may take, waiting included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The time that requests under way have to end when the server stops.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
