using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using CMUNeXt.Backends;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Networks;
using CMUNeXt.Server.InferenceProtocol;
using CMUNeXt.Tests;
using CMUNeXt.Weights;
using Microsoft.AspNetCore.Http;
using static CMUNeXt.Server.Tests.InferenceCalls;

namespace CMUNeXt.Server.Tests;

/// <summary>The Open Inference Protocol by a plain client: answers are the library's own, in JSON and as binary data.</summary>
public sealed class InferenceTests
{
    private const string Tensors = "/v2/models/breast-ultrasound";
    private const string Images = "/v2/models/breast-ultrasound-images";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_and_models_describe_themselves()
    {
        await using RunningServer server = await RunningServer.Start();
        JsonNode described = await Get(server, "/v2/");
        Assert.Equal("cmunext", (string?)described["name"]);
        Assert.Contains("binary_tensor_data", described["extensions"]!.AsArray().Select(extension => (string?)extension));
        Assert.Equal("""{"live":true,"ready":true}""", (await Get(server, "/v2/health/live")).ToJsonString());
        Assert.Equal("""{"live":true,"ready":true}""", (await Get(server, "/v2/health/ready")).ToJsonString());
        foreach (string path in new[] { Tensors, $"{Tensors}/versions/1" })
        {
            Assert.True((bool)(await Get(server, $"{path}/ready"))["ready"]!);
            JsonNode model = await Get(server, path);
            Assert.Equal("""[{"name":"image","datatype":"FP32","shape":[-1,3,-1,-1]}]""", model["inputs"]!.ToJsonString());
            Assert.Equal("""[{"name":"logits","datatype":"FP32","shape":[-1,1,-1,-1]}]""", model["outputs"]!.ToJsonString());
        }

        Assert.Equal("""[{"name":"image","datatype":"BYTES","shape":[-1]}]""", (await Get(server, Images))["inputs"]!.ToJsonString());
        using HttpResponseMessage index = await server.Client.PostAsync("/v2/repository/index", null, Stop);
        JsonArray models = (await index.Content.ReadFromJsonAsync<JsonArray>(Stop))!;
        Assert.Equal(["breast-ultrasound", "breast-ultrasound-images"], models.Select(model => (string)model!["name"]!));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Logits_are_the_networks_own(bool isBinary)
    {
        await using RunningServer server = await RunningServer.Start();
        LoadedWeights weights = Pretrained.BreastUltrasound;
        using Network network = BackendRegistry.Open(weights, "managed", threads: 1);
        int[] shape = [2, 3, 48, 40];
        float[] values = Values(2 * 3 * 48 * 40);
        float[] expected = network.Forward(values, 2, 48, 40);
        JsonObject input = Tensor("image", "FP32", shape);
        JsonObject request = new() { ["id"] = "seven", ["inputs"] = new JsonArray(input) };
        byte[] raw = [];
        if (isBinary)
        {
            raw = MemoryMarshal.AsBytes<float>(values).ToArray();
            input["parameters"] = new JsonObject { ["binary_data_size"] = raw.Length };
            request["parameters"] = new JsonObject { ["binary_data_output"] = true };
        }
        else
        {
            // Nested, as the shape says.
            input["data"] = new JsonArray(
                [.. values.Chunk(3 * 48 * 40).Select(image => new JsonArray([.. image.Select(value => JsonValue.Create(value))]))]);
        }

        using HttpResponseMessage response = await Infer(server, Tensors, request, raw);
        (JsonNode answer, byte[] binary) = await Read(response);
        Assert.Equal(
            ("seven", "breast-ultrasound", "1"), ((string)answer["id"]!, (string)answer["model_name"]!, (string)answer["model_version"]!));
        JsonNode output = Assert.Single(answer["outputs"]!.AsArray())!;
        Assert.Equal("[2,1,48,40]", output["shape"]!.ToJsonString());
        float[] logits = isBinary
            ? MemoryMarshal.Cast<byte, float>(binary).ToArray()
            : [.. output["data"]!.AsArray().Select(value => (float)value!)];
        Assert.Equal(expected, logits);
    }

    [Theory]
    [InlineData("binary", null)]
    [InlineData("binary", "gzip")]
    [InlineData("binary", "deflate")]
    [InlineData("base64", null)]
    public async Task Encoded_images_become_masks(string form, string? encoding)
    {
        await using RunningServer server = await RunningServer.Start();
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
        Image phantom = ImageFile.Load(RunningServer.Phantoms[0]);
        Image black = new(phantom.Width, phantom.Height, 1, new byte[phantom.Width * phantom.Height]);
        Image[] images = [phantom, Mirrored(phantom), black];
        Segmentation[] expected = Array.ConvertAll(images, image => segmenter.Segment(image));
        Assert.NotEqual(expected[0].Mask.Pixels, expected[1].Mask.Pixels);
        Assert.NotEqual(expected[0].Area, expected[2].Area);
        byte[][] encoded = Array.ConvertAll(images, image => ImageFile.EncodePng(image));
        JsonObject input = Tensor("image", "BYTES", [images.Length]);
        byte[] raw = [];
        if (form == "binary")
        {
            raw = Elements(encoded);
            input["parameters"] = new JsonObject { ["binary_data_size"] = raw.Length };
        }
        else
        {
            input["parameters"] = new JsonObject { ["content_type"] = "base64" };
            input["data"] = new JsonArray([.. encoded.Select(image => JsonValue.Create(Convert.ToBase64String(image)))]);
        }

        JsonArray outputs = [Output("probability", true), Output("area", false), Output("mask", true), Output("presence", false)];
        using HttpResponseMessage response = await Infer(
            server, Images, new() { ["inputs"] = new JsonArray(input), ["outputs"] = outputs }, raw, encoding);
        Assert.Equal(encoding is null ? [] : [encoding], response.Content.Headers.ContentEncoding);
        (JsonNode answer, byte[] binary) = await Read(response);
        Assert.Equal(["probability", "area", "mask", "presence"], answer["outputs"]!.AsArray().Select(output => (string)output!["name"]!));
        Assert.Equal(expected.Select(one => one.Area), answer["outputs"]![1]!["data"]!.AsArray().Select(area => (int)area!));
        Assert.Equal(
            expected.Select(one => one.Presence), answer["outputs"]![3]!["data"]!.AsArray().Select(presence => (double)presence!));

        // All probabilities, in 4 bytes each, and then all masks.
        int masks = 4 * images.Length * phantom.Width * phantom.Height;
        Assert.Equal(
            expected.SelectMany(one => one.Probabilities[0]), MemoryMarshal.Cast<byte, float>(binary.AsSpan(0, masks)).ToArray());
        Assert.Equal(expected.SelectMany(one => one.Mask.Pixels), binary[masks..]);
    }

    [Fact]
    public async Task Statistics_count_images()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] raw = Elements([RunningServer.SmallImage(1), RunningServer.SmallImage(2)]);
        JsonObject request = new() { ["inputs"] = new JsonArray(Binary(Tensor("image", "BYTES", [2]), raw.Length)) };
        using HttpResponseMessage good = await Infer(server, Images, request, raw);
        using HttpResponseMessage bad = await Infer(server, Images, request, [.. raw, 1]);
        JsonNode stats = (await Get(server, $"{Images}/stats"))["model_stats"]![0]!;
        Assert.Equal((2, 1), ((int)stats["inference_count"]!, (int)stats["execution_count"]!));
        Assert.Equal((1, 1), ((int)stats["inference_stats"]!["success"]!["count"]!, (int)stats["inference_stats"]!["fail"]!["count"]!));
        Assert.True((long)stats["inference_stats"]!["compute_infer"]!["ns"]! > 0);
        Assert.Empty(stats["batch_stats"]!.AsArray());
        JsonArray all = (await Get(server, "/v2/models/stats"))["model_stats"]!.AsArray();
        Assert.Contains((string)stats["name"]!, all.Select(static one => (string)one!["name"]!));
    }

    [Fact]
    public async Task A_damaged_image_counts_as_failed_by_either_way()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] damaged = [1, 2, 3];
        byte[] raw = Elements([damaged]);
        JsonObject request = new() { ["inputs"] = new JsonArray(Binary(Tensor("image", "BYTES", [1]), raw.Length)) };
        using HttpResponseMessage segmented = await server.Segment(damaged);
        using HttpResponseMessage inferred = await Infer(server, Images, request, raw);
        Assert.Equal((false, false), (segmented.IsSuccessStatusCode, inferred.IsSuccessStatusCode));
        Assert.Contains(
            "\ncmunext_images_failed_total 2\n", await server.Client.GetStringAsync("/metrics", Stop), StringComparison.Ordinal);
    }

    // Long enough not to be sent at once.
    [Fact]
    public async Task Values_in_json_stand_before_those_that_are_binary()
    {
        await using RunningServer server = await RunningServer.Start();
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
        Segmentation expected = segmenter.Segment(ImageFile.Load(RunningServer.Phantoms[0]));
        byte[] raw = Elements([File.ReadAllBytes(RunningServer.Phantoms[0])]);
        using HttpResponseMessage response = await Infer(
            server, Images, Request(1, raw, Output("mask", false), Output("probability", true)), raw);
        (JsonNode answer, byte[] binary) = await Read(response);
        Assert.Equal(expected.Mask.Pixels, answer["outputs"]![0]!["data"]!.AsArray().Select(value => (byte)value!));
        Assert.Equal(expected.Probabilities[0], MemoryMarshal.Cast<byte, float>(binary).ToArray());
    }

    [Fact]
    public async Task An_answer_that_does_not_arrive_counts_as_a_failure_alone()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] raw = Elements([.. Enumerable.Repeat(File.ReadAllBytes(RunningServer.Phantoms[0]), 4)]);
        byte[] json = Encoding.UTF8.GetBytes(Request(4, raw, Output("probability", false)).ToJsonString());
        string head = $"POST {Images}/infer HTTP/1.1\r\nHost: localhost\r\n{LengthHeader}: {json.Length}\r\n"
            + $"Content-Length: {json.Length + raw.Length}\r\n\r\n";
        using (TcpClient client = new() { ReceiveBufferSize = 4096, LingerState = new LingerOption(enable: true, 0) })
        {
            await client.ConnectAsync(server.Address.Host, server.Address.Port, Stop);
            await client.GetStream().WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(head), .. json, .. raw], Stop);
            Assert.Equal(1, await client.GetStream().ReadAsync(new byte[1], Stop));
        }

        JsonNode stats = new JsonObject();
        await Wait.Until("failure that is counted", async () =>
        {
            stats = (await Get(server, $"{Images}/stats"))["model_stats"]![0]!["inference_stats"]!;
            return (int)stats["fail"]!["count"]! > 0;
        });
        Assert.Equal((0, 1), ((int)stats["success"]!["count"]!, (int)stats["fail"]!["count"]!));
    }

    [Fact]
    public async Task Masks_that_take_too_much_memory_are_refused()
    {
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { BodiesLimit = 600_000 });
        byte[] raw = Elements([.. Enumerable.Range(0, 64).Select(RunningServer.SmallImage)]);
        using HttpResponseMessage refused = await Infer(server, Images, Request(64, raw, Output("probability", true)), raw);
        await AssertError(refused, 413, "more memory");
        using HttpResponseMessage areas = await Infer(server, Images, Request(64, raw, Output("area", true)), raw);
        Assert.Equal(HttpStatusCode.OK, areas.StatusCode);
    }

    // 100 KB of brackets, which commas alone would not count.
    [Fact]
    public async Task Lists_that_take_too_much_memory_are_refused_and_damaged_ones_are_not_JSON()
    {
        const int Depth = 50;
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { BodiesLimit = 1 << 20 });
        string list = new string('[', Depth) + new string(']', Depth);
        string lists = Input("image", "FP32", "[1,3,8,8]", $"[{string.Join(',', Enumerable.Repeat(list, 1000))}]");
        using HttpResponseMessage refused = await server.Client.PostAsync($"{Tensors}/infer", new StringContent(lists), Stop);
        await AssertError(refused, 413, "more memory");
        using HttpResponseMessage damaged = await server.Client.PostAsync($"{Tensors}/infer", new StringContent(lists[..^1]), Stop);
        await AssertError(damaged, 400, "not JSON");
    }

    [Fact]
    public async Task More_outputs_than_any_model_has_are_refused()
    {
        await using RunningServer server = await RunningServer.Start();
        string outputs = string.Join(',', Enumerable.Repeat("{\"name\":\"logits\"}", 65));
        using StringContent content = new(Input("image", "FP32", "[1,3,1,1]", "[1,2,3]", $",\"outputs\":[{outputs}]"));
        using HttpResponseMessage response = await server.Client.PostAsync($"{Tensors}/infer", content, Stop);
        await AssertError(response, 400, "at most 64 objects");
    }

    [Fact]
    public void No_more_elements_are_kept_than_the_shape_has()
    {
        InputTensor input = new("image", "BYTES", [1], new byte[16 << 20], default, IsBase64: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        BadHttpRequestException refused = Assert.Throws<BadHttpRequestException>(input.ReadElements);
        Assert.Contains("not 1 values", refused.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    public static TheoryData<string, string, int, string> WrongRequests => new()
    {
        { "/v2/models/none", "{}", 404, "no such model" },
        { "/v2/models/breast-ultrasound/versions/2", "{}", 404, "no such model" },
        { Tensors, "", 400, "not JSON" },
        { Tensors, "{\"inputs\":", 400, "not JSON" },
        { Tensors, "[]", 400, "no JSON object" },
        { Tensors, Input("\\ud800", "FP32", "[1,3,1,1]", "[1,2,3]"), 400, "not JSON" },
        { Tensors, "{}", 400, "takes one input" },
        { Tensors, "{\"inputs\":7}", 400, "list of objects" },
        { Tensors, "{\"inputs\":[{\"name\":\"image\"}]}", 400, "no shape" },
        { Tensors, Input("image", "FP32", "[1,3,0,16]", "[]"), 400, "length below 1" },
        { Tensors, Input("image", "FP32", "[1,3,2000000,2000000]", "[]"), 400, "more values than an array" },
        { Tensors, Input("image", "FP32", "[1,3,16,4294967296]", "[]"), 400, "length below 1" },
        { Tensors, Input("image", "FP32", "[1,3,16,16]", "[1,2,3]"), 400, "not 768 values" },
        { Tensors, Input("image", "FP32", "[1,1,16,16]", "[]"), 400, "takes one input" },
        { Tensors, Input("image", "INT8", "[1,3,16,16]", "[]"), 400, "takes one input" },
        { Tensors, Input("other", "FP32", "[1,3,16,16]", "[]"), 400, "takes one input" },
        { Tensors, Input("image", "FP32", "[65,3,16,16]", "[]"), 400, "more than 64 images" },
        { Tensors, Input("image", "FP32", "[1,3,4096,4096]", "[]"), 400, "at most 1048576 pixels" },
        { Tensors, Input("image", "FP32", "[1,3,1000000,1]", "[]"), 400, "at most 1048576 pixels" },
        { Tensors, Input("image", "FP32", "[1,3,1,1]", "[1,\"a\",3]"), 400, "no number" },
        { Tensors, Input("image", "FP32", "[1,3,1,1]", "[1,2,1e99]"), 400, "not finite" },
        { Images, Input("image", "BYTES", "[1]", "[\"text\"]"), 400, "base64" },
        { Images, Input("image", "BYTES", "[1]", "[\"!\"],\"parameters\":{\"content_type\":\"base64\"}"), 400, "not base64" },
        { Images, Input("image", "BYTES", "[1]", "[\"\\ud800\"],\"parameters\":{\"content_type\":\"base64\"}"), 400, "not base64" },
        { Images, Input("image", "BYTES", "[1]", "[\"aGVsbG8=\"],\"parameters\":{\"content_type\":\"base64\"}"), 422,
        "not an image of a kind" },
        { Images, "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[1],\"parameters\":{\"binary_data_size\":\"5\"}}]}",
            400, "one number" },
        { Images, "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[1],\"parameters\":{\"binary_data_size\":5000}}]}",
            400, "is Inference-Header-Content-Length right" },
        { Images, "{\"inputs\":[{\"name\":\"image\",\"datatype\":\"BYTES\",\"shape\":[1]}]}", 400, "either in 'data' or" },
        { Images, Input("image", "BYTES", "[1]", "[\"\"]", ",\"outputs\":[{\"name\":\"nothing\"}]"), 400, "no output 'nothing'" },
        { Tensors, Input("image", "FP32", "[1,3,1,1]", "[1,2,3]", ",\"outputs\":[{\"name\":\"logits\"},{\"name\":\"logits\"}]"), 400,
            "more than once" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task Wrong_requests_are_refused_with_the_reason(string path, string json, int status, string reason)
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpResponseMessage response = await server.Client.PostAsync($"{path}/infer", new StringContent(json), Stop);
        await AssertError(response, status, reason);
    }

    [Fact]
    public async Task A_text_that_is_no_utf8_is_refused()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] body = Encoding.UTF8.GetBytes(Input("image", "FP32?", "[1,3,1,1]", "[1,2,3]"));
        body[Array.IndexOf(body, (byte)'?')] = 0xff;
        using HttpResponseMessage response = await server.Client.PostAsync($"{Tensors}/infer", new ByteArrayContent(body), Stop);
        await AssertError(response, 400, "not JSON");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999999999")]
    [InlineData("17")]
    public async Task Lying_lengths_are_refused(string length)
    {
        await using RunningServer server = await RunningServer.Start();
        using StringContent content = new("{\"inputs\":[]}");
        content.Headers.TryAddWithoutValidation(LengthHeader, length);
        using HttpResponseMessage response = await server.Client.PostAsync($"{Tensors}/infer", content, Stop);
        await AssertError(response, 400, LengthHeader);
    }

    // The samples of another server send the bytes of images without their lengths.
    [Fact]
    public async Task Bytes_without_their_lengths_are_refused_with_what_to_do()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] image = File.ReadAllBytes(RunningServer.Phantoms[0]);
        using HttpResponseMessage response = await Infer(
            server, Images, new() { ["inputs"] = new JsonArray(Binary(Tensor("image", "BYTES", [1]), image.Length)) }, image);
        await AssertError(response, 400, "its length as 4 bytes");
    }

    [Fact]
    public async Task Images_of_several_sizes_have_areas_but_no_common_mask()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] raw = Elements([RunningServer.SmallImage(1), File.ReadAllBytes(RunningServer.Phantoms[0])]);
        JsonObject request = new() { ["inputs"] = new JsonArray(Binary(Tensor("image", "BYTES", [2]), raw.Length)) };
        using HttpResponseMessage response = await Infer(server, Images, request, raw);
        await AssertError(response, 400, "have one size");
        request["outputs"] = new JsonArray(Output("area", false));
        using HttpResponseMessage areas = await Infer(server, Images, request, raw);
        Assert.Equal(HttpStatusCode.OK, areas.StatusCode);
    }

    [Fact]
    public async Task A_body_that_becomes_too_large_is_refused()
    {
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { BodyLimit = 100_000 });
        using HttpResponseMessage bomb = await server.Client.PostAsync($"{Tensors}/infer", Compressed(new byte[50_000_000], "gzip"), Stop);
        await AssertError(bomb, 413, "");
        byte[] noise = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 255, 255, 255, 255];
        using ByteArrayContent damaged = new(noise) { Headers = { ContentEncoding = { "gzip" } } };
        using HttpResponseMessage refused = await server.Client.PostAsync($"{Tensors}/infer", damaged, Stop);
        await AssertError(refused, 400, "damaged");
        foreach (string encoding in (string[])["compress", "br"])
        {
            using ByteArrayContent unknown = new([1]) { Headers = { ContentEncoding = { encoding } } };
            using HttpResponseMessage other = await server.Client.PostAsync($"{Tensors}/infer", unknown, Stop);
            await AssertError(other, 415, "gzip or deflate");
        }
    }

    [Fact]
    public async Task No_model_is_loaded_from_outside()
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpResponseMessage load = await server.Client.PostAsync("/v2/repository/models/other/load", null, Stop);
        await AssertError(load, 501, "none is loaded");
    }

    private static async Task AssertError(HttpResponseMessage response, int status, string reason)
    {
        string body = await response.Content.ReadAsStringAsync(Stop);
        Assert.True((int)response.StatusCode == status, $"{response.StatusCode}: {body}");
        Assert.Contains(reason, (string)JsonNode.Parse(body)!["error"]!, StringComparison.Ordinal);
    }

    private static async Task<JsonNode> Get(RunningServer server, string path) =>
        (await server.Client.GetFromJsonAsync<JsonNode>(path, Stop))!;

    private static string Input(string name, string datatype, string shape, string data, string rest = "") =>
        $$"""{"inputs":[{"name":"{{name}}","datatype":"{{datatype}}","shape":{{shape}},"data":{{data}}}]{{rest}}}""";

    private static Image Mirrored(Image image)
    {
        byte[] pixels = [.. image.Pixels];
        for (int row = 0; row < pixels.Length; row += image.Width)
        {
            pixels.AsSpan(row, image.Width).Reverse();
        }

        return new Image(image.Width, image.Height, 1, pixels);
    }

    private static float[] Values(int count)
    {
        Random random = new(5);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle())];
    }
}
