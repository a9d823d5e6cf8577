using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CMUNeXt.Backends;
using CMUNeXt.Imaging;
using CMUNeXt.Networks;
using CMUNeXt.Tests;

namespace CMUNeXt.Server.Tests;

/// <summary>
/// Triton's own Python client against this server, worked by tests/server/triton_client.py. CMUNEXT_TRITON_CLIENT names the folder that
/// holds the package <c>tritonclient</c>: src/python/library of a checkout of triton-inference-server/client. CMUNEXT_PYTHON names the
/// Python that has NumPy, gevent, geventhttpclient and rapidjson; /usr/bin/python3 where it is not set.
/// </summary>
public sealed class TritonClientTests
{
    [Fact]
    public async Task It_gets_what_the_library_finds()
    {
        string? client = Environment.GetEnvironmentVariable("CMUNEXT_TRITON_CLIENT");
        Assert.SkipWhen(string.IsNullOrEmpty(client), "CMUNEXT_TRITON_CLIENT is not set: Triton's client is not here.");
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { QueueLimit = 100 });
        ProcessStartInfo start = new(
            Environment.GetEnvironmentVariable("CMUNEXT_PYTHON") ?? Python.Program,
            [Repository.Path("tests", "server", "triton_client.py"), server.Address.Authority, RunningServer.Phantoms[0]])
        {
            Environment = { ["PYTHONPATH"] = client },
        };
        (int status, string output, string error) = ChildProcess.Run(start);
        Assert.True(status == 0, output + error);

        JsonNode said = JsonNode.Parse(output)!;
        Assert.All(["live", "ready", "model_ready"], name => Assert.True((bool)said[name]!));
        Assert.Contains("binary_tensor_data", said["extensions"]!.AsArray().Select(extension => (string?)extension));
        Assert.Equal("seven", (string?)said["id"]);

        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
        Segmentation expected = segmenter.Segment(ImageFile.Load(RunningServer.Phantoms[0]));
        string mask = Digest(expected.Mask.Pixels);
        Assert.Equal(expected.Area, (int)said["area"]!);
        Assert.Equal(Digest(MemoryMarshal.AsBytes<float>(expected.Probabilities[0])), (string?)said["probability"]);
        Assert.All(["mask", "gzip", "deflate", "json"], name => Assert.Equal(mask, (string?)said[name]));
        Assert.Equal([mask], said["async"]!.AsArray().Select(digest => (string)digest!));

        // NumPy's linspace.
        const int Count = 3 * 48 * 64;
        float[] values = [.. Enumerable.Range(0, Count).Select(i => (float)(i == Count - 1 ? 1 : i * (1.0 / (Count - 1))))];
        using Network network = BackendRegistry.Open(Pretrained.BreastUltrasound, "managed", threads: 1);
        string logits = Digest(MemoryMarshal.AsBytes<float>(network.Forward(values, 1, 48, 64)));
        Assert.Equal([logits, logits], said["logits"]!.AsArray().Select(digest => (string)digest!));
        Assert.Equal(2, (int)said["inferences"]!);
        Assert.Collection(
            said["errors"]!.AsArray().Select(error => (string)error!),
            unknown => Assert.Contains("no such model", unknown, StringComparison.Ordinal),
            load => Assert.Contains("none is loaded", load, StringComparison.Ordinal),
            empty => Assert.Contains("takes one input", empty, StringComparison.Ordinal));
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
