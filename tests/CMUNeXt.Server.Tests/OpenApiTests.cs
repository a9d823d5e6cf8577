using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Tests;
using Json.Schema;

namespace CMUNeXt.Server.Tests;

/// <summary>The description of the API is that of its endpoints, and every answer is as it says.</summary>
public sealed class OpenApiTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_served_description_is_that_of_the_endpoints()
    {
        string generated = await OpenApiDescription.Generate(Stop);
        string path = Repository.Path("src", "CMUNeXt.Server", "openapi.json");
        if (File.ReadAllText(path).ReplaceLineEndings("\n") != generated)
        {
            File.WriteAllText(Path.ChangeExtension(path, ".actual.json"), generated);
            Assert.Fail(
                "src/CMUNeXt.Server/openapi.json is not what the endpoints say: compare it with "
                + "openapi.actual.json, and put that in its place.");
        }

        await using RunningServer server = await RunningServer.Start();
        Assert.Equal(generated, await server.Client.GetStringAsync("/openapi.json", Stop));
    }

    [Fact]
    public async Task Every_answer_fits_its_schema()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] phantom = File.ReadAllBytes(RunningServer.Phantoms[0]);
        string tensor = """{"inputs":[{"name":"image","datatype":"FP32","shape":[1,3,1,2],"data":[0.5,0.5,0.5,0.5,0.5,0.5]}]}""";
        string images = $$"""
            {"id":"a","inputs":[{"name":"image","datatype":"BYTES","shape":[1],
            "parameters":{"content_type":"base64"},"data":["{{Convert.ToBase64String(phantom)}}"]}],
            "outputs":[{"name":"area"},{"name":"mask"}]}
            """;
        (string Method, string Path, string Address, HttpContent? Body)[] calls =
        [
            ("get", "/api/v1/weights", "/api/v1/weights", null),
            ("post", "/api/v1/segment", "/api/v1/segment?include=probability,mask,overlay,svg,image", new ByteArrayContent(phantom)),
            ("post", "/api/v1/segment", "/api/v1/segment?threshold=2", new ByteArrayContent(phantom)),
            ("post", "/api/v1/segment", "/api/v1/segment?weights=none", new ByteArrayContent(phantom)),
            ("post", "/api/v1/segment", "/api/v1/segment", new StringContent("no image")),
            ("get", "/v2", "/v2", null),
            ("get", "/v2/health/live", "/v2/health/live", null),
            ("get", "/v2/health/ready", "/v2/health/ready", null),
            ("post", "/v2/repository/index", "/v2/repository/index", null),
            ("post", "/v2/repository/models/{model}/load", "/v2/repository/models/a/load", null),
            ("get", "/v2/models/{model}", "/v2/models/breast-ultrasound", null),
            ("get", "/v2/models/{model}", "/v2/models/none", null),
            ("get", "/v2/models/{model}/ready", "/v2/models/breast-ultrasound/ready", null),
            ("get", "/v2/models/{model}/stats", "/v2/models/breast-ultrasound/stats", null),
            ("post", "/v2/models/{model}/infer", "/v2/models/breast-ultrasound/infer", new StringContent(tensor)),
            ("post", "/v2/models/{model}/infer", "/v2/models/breast-ultrasound-images/infer", new StringContent(images)),
            ("post", "/v2/models/{model}/infer", "/v2/models/breast-ultrasound/infer", new StringContent("{}")),
        ];
        JsonNode description = JsonNode.Parse(await server.Client.GetStringAsync("/openapi.json", Stop))!;
        foreach ((string method, string path, string address, HttpContent? body) in calls)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), address) { Content = body };
            using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
            string status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            JsonNode? schema = description["paths"]?[path]?[method]?["responses"]?[status]?["content"]?[
                response.Content.Headers.ContentType!.MediaType!]?["schema"];
            Assert.True(
                schema is not null, $"{method} {address} answers {status} {response.Content.Headers.ContentType}, which is not described.");
            string text = await response.Content.ReadAsStringAsync(Stop);
            Assert.True(Fits(schema, description, text), $"{method} {address} {status}: {text}\n{schema}");
        }
    }

    [Fact]
    public void An_answer_that_does_not_fit_is_found()
    {
        JsonNode schema = JsonNode.Parse("""{"$ref":"#/components/schemas/A"}""")!;
        JsonNode description = JsonNode.Parse(
            """{"components":{"schemas":{"A":{"type":"object","required":["a"],"properties":{"a":{"type":"integer"}}}}}}""")!;
        Assert.True(Fits(schema, description, """{"a":1}"""));
        Assert.False(Fits(schema, description, """{"a":"1"}"""));
        Assert.False(Fits(schema, description, "{}"));
    }

    // References are to what the description calls components, and a schema its definitions.
    private static bool Fits(JsonNode schema, JsonNode description, string answer)
    {
        JsonObject whole = new()
        {
            ["allOf"] = new JsonArray(schema.DeepClone()),
            ["$defs"] = description["components"]!["schemas"]!.DeepClone()
        };
        string text = whole.ToJsonString().Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
        using JsonDocument document = JsonDocument.Parse(answer);
        return JsonSchema.FromText(text).Evaluate(document.RootElement).IsValid;
    }
}
