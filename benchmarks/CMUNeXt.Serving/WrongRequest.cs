using System.IO.Compression;
using System.Text;

namespace CMUNeXt.Serving;

/// <summary>A request that is wrong.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Bytes">All of it.</param>
/// <param name="EndsConnection">Whether the client closes its side after it; else the connection stays open, and silent.</param>
internal sealed record WrongRequest(string Kind, byte[] Bytes, bool EndsConnection = false)
{
    private const string Segment = "/api/v1/segment";
    private const string Infer = "/v2/models/breast-ultrasound/infer";
    private const string Form = "Content-Type: multipart/form-data; boundary=b";
    private const string Load = "/v2/repository/models/other/load";

    /// <summary>Makes one; every sixteenth is of one kind.</summary>
    public static WrongRequest Make(int number, Random random, byte[] image)
    {
        byte[] noise = new byte[random.Next(1, 4000)];
        random.NextBytes(noise);
        return (number % 16) switch
        {
            0 => new("random bytes as an image", Post(Segment, noise)),
            1 => new("a truncated image", Post(Segment, image[..random.Next(1, image.Length - 12)])),
            2 => new("an image with flipped bytes", Post(Segment, Flip(image, random))),
            3 => new("a giant header", Get("/", $"X: {new string('a', random.Next(33_000, 90_000))}")),
            4 => new("a giant path", Get($"/{new string('b', random.Next(9_000, 60_000))}")),
            5 => new("no request at all", noise, EndsConnection: true),
            6 => new("a wrong type", Post(Segment, "not an image"u8.ToArray(), Form)),
            7 => new("a damaged form", Post(Segment, [.. "--b\r\n"u8, .. noise], Form)),
            8 => new("wrong tensors", Post(Infer, Tensor($"[1,3,{random.Next(-2, 400)},{random.Next(1, 400)}]", "1,2"))),
            9 => new("random JSON", Post(Infer, Flip(Tensor("[1,3,1,1]", "1,2,3"), random, 6))),
            10 => new("a lying length", Post(Infer, Tensor("[1,3,1,1]", "1,2,3"), $"Inference-Header-Content-Length: {random.Next(80)}")),
            11 => new("a zip bomb", Post(Infer, Bomb.Value, "Content-Encoding: gzip")),
            12 => new("a path name", Get($"/..%2f..%2f{random.Next()}/../etc/passwd")),
            13 => new("a negative length", Get("/", $"Content-Length: -{random.Next(1, 99)}")),
            14 when number % 160 == 14 => new("a body that never comes", Post(Segment, image)[..^100]),
            14 => new("a model to load", Post(Load, noise)),
            _ when number % 160 == 15 => new("headers that never end", Get("/", "X: ")[..^4]),
            _ => new("another host", Raw($"GET / HTTP/1.1\r\nHost: evil{random.Next()}.example\r\nConnection: close\r\n\r\n")),
        };
    }

    // 200 MB of zeros in 200 KB.
    private static Lazy<byte[]> Bomb { get; } = new(() =>
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(new byte[200 << 20]);
        }

        return packed.ToArray();
    });

    private static byte[] Tensor(string shape, string data) =>
        Encoding.UTF8.GetBytes($$"""{"inputs":[{"name":"image","datatype":"FP32","shape":{{shape}},"data":[{{data}}]}],"x":""}""");

    // Never the end of an image alone, which decoders need not read.
    private static byte[] Flip(byte[] bytes, Random random, int count = 40)
    {
        byte[] flipped = [.. bytes];
        for (int i = 0; i < count; i++)
        {
            flipped[random.Next(bytes.Length / 2)] ^= (byte)random.Next(1, 256);
        }

        return flipped;
    }

    private static byte[] Get(string path, string? header = null) =>
        Raw($"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{Line(header)}\r\n");

    private static byte[] Post(string path, byte[] body, string? header = null)
    {
        string lines = Line("Connection: close") + Line($"Content-Length: {body.Length}") + Line(header);
        string head = $"POST {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n";
        return [.. Raw(head), .. body];
    }

    private static string Line(string? header) => header is null ? "" : header + "\r\n";

    private static byte[] Raw(string text) => Encoding.Latin1.GetBytes(text);
}
