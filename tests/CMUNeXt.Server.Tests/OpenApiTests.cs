using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using Json.Schema;

namespace CMUNeXt.Server.Tests;

/// <summary>The description of the API is that of its endpoints, and every answer is as it says.</summary>
public sealed class OpenApiTests
{
    private const string StudyId = "00000000-00000000-00000000-00000000-00000001";
    private const string ImageId = "00000000-00000000-00000000-00000000-00000002";
    private const string StudiesPath = "/api/v1/archive/studies";
    private const string ImagesPath = "/api/v1/archive/studies/{study}/images";
    private const string SegmentPath = "/api/v1/archive/images/{image}/segment";
    private const string MaskPath = "/api/v1/archive/images/{image}/mask";

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
    public void Every_call_says_what_it_does_and_stands_with_its_like()
    {
        JsonNode description = JsonNode.Parse(File.ReadAllText(Repository.Path("src", "CMUNeXt.Server", "openapi.json")))!;
        List<string> tags = [];
        foreach ((string path, JsonNode? calls) in description["paths"]!.AsObject())
        {
            foreach ((string method, JsonNode? call) in calls!.AsObject())
            {
                Assert.False(string.IsNullOrWhiteSpace((string?)call!["summary"]), $"{method} {path} has no summary");
                tags.Add((string)Assert.Single(call["tags"]!.AsArray())!);
            }
        }

        Assert.Equal(["Archive", "Open Inference Protocol", "Segmentation"], tags.Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_answer_fits_its_schema()
    {
        await using RunningServer server = await RunningServer.Start();
        byte[] phantom = File.ReadAllBytes(RunningServer.Phantoms[0]);
        string tensor = """{"inputs":[{"name":"image","datatype":"FP32","shape":[1,3,1,2],"data":[0.5,0.5,0.5,0.5,0.5,0.5]}]}""";
        string binary = tensor[..^1] + ""","parameters":{"binary_data_output":true}}""";
        string images = $$"""
            {"id":"a","inputs":[{"name":"image","datatype":"BYTES","shape":[1],
            "parameters":{"content_type":"base64"},"data":["{{Convert.ToBase64String(phantom)}}"]}],
            "outputs":[{"name":"area"},{"name":"mask"}]}
            """;
        MultipartFormDataContent form = new() { { new ByteArrayContent(phantom), "image", "a" } };
        (string Method, string Path, string Address, HttpContent? Body)[] calls =
        [
            ("get", "/api/v1/weights", "/api/v1/weights", null),
            ("post", "/api/v1/segment", "/api/v1/segment?include=probability,mask,overlay,svg,image", new ByteArrayContent(phantom)),
            ("post", "/api/v1/segment", "/api/v1/segment", form),
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
            ("post", "/v2/models/{model}/infer", "/v2/models/breast-ultrasound/infer", new StringContent(binary)),
            ("post", "/v2/models/{model}/infer", "/v2/models/breast-ultrasound/infer", new StringContent("{}")),
        ];
        JsonNode description = JsonNode.Parse(await server.Client.GetStringAsync("/openapi.json", Stop))!;
        foreach ((string method, string path, string address, HttpContent? body) in calls)
        {
            using HttpRequestMessage request = new(new HttpMethod(method), address) { Content = body };
            using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
            await AssertDescribed(response, description["paths"]?[path]?[method], description);
        }

        foreach (string type in (string[])["image/png", "image/svg+xml"])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/api/v1/segment") { Content = new ByteArrayContent(phantom) };
            request.Headers.Accept.ParseAdd(type);
            using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
            Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
            await AssertDescribed(response, description["paths"]!["/api/v1/segment"]!["post"], description);
        }
    }

    [Fact]
    public async Task Every_answer_about_studies_fits_its_schema_and_says_what_the_archive_does()
    {
        using FakeArchive archive = new(static path => Encoding.UTF8.GetBytes(path switch
        {
            "/tools/find" => $$$"""
                [
                  {"ID": "{{{StudyId}}}", "MainDicomTags": {}, "PatientMainDicomTags": {}},
                  {"ID": "later", "MainDicomTags": {"StudyDate": "20240131", "StudyDescription": "Breast"},
                   "PatientMainDicomTags": {"PatientName": "Doe^Jane", "PatientID": "7"}}
                ]
                """,
            $"/studies/{StudyId}/series" => """[{"ID": "series", "MainDicomTags": {"Modality": "US", "SeriesDescription": "Loops"}}]""",
            $"/studies/{StudyId}/instances" => $$$"""
                [
                  {"ID": "loop", "ParentSeries": "series", "MainDicomTags": {"InstanceNumber": "3", "NumberOfFrames": "30"}},
                  {"ID": "{{{ImageId}}}", "ParentSeries": "series", "MainDicomTags": {}}
                ]
                """,
            _ => "{}",
        }));
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Archive = archive.Address });
        AssertSame($$"""{"address": "{{archive.Address}}"}""", await Ask(server, 200, "get", "/api/v1/archive"));
        string studies = $$"""
            {
              "studies": [
                {"id": "later", "date": "20240131", "patient": "Doe^Jane", "patient_id": "7", "description": "Breast"},
                {"id": "{{StudyId}}", "date": "", "patient": "", "patient_id": "", "description": ""}
              ],
              "are_all": true
            }
            """;
        AssertSame(studies, await Ask(server, 200, "get", StudiesPath));
        string images = $$"""
            {
              "images": [
                {"id": "{{ImageId}}", "series": "Loops", "number": 0, "frames": 1},
                {"id": "loop", "series": "Loops", "number": 3, "frames": 30}
              ]
            }
            """;
        AssertSame(images, await Ask(server, 200, "get", ImagesPath));
        await Ask(server, 404, "get", ImagesPath, id: "none");
        await Ask(server, 502, "get", ImagesPath, id: ImageId);
    }

    [Fact]
    public async Task Every_answer_about_an_image_of_an_archive_fits_its_schema()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("image.dcm");
        new MadeFile("MONOCHROME2") { Extra = MadeFile.Region }.Write(folder, path);
        byte[] file = File.ReadAllBytes(path);
        using FakeArchive archive = new(asked => asked switch
        {
            $"/instances/{ImageId}/file" => file,
            "/instances" => """{"ID": "stored"}"""u8.ToArray(),
            _ => "{}"u8.ToArray(),
        });
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Archive = archive.Address });
        JsonNode found = await Ask(server, 200, "post", SegmentPath, query: "?include=probability,mask,overlay,svg,image");
        Assert.Equal((MadeFile.Width, MadeFile.Height), ((int)found["width"]!, (int)found["height"]!));
        await Ask(server, 400, "post", SegmentPath, query: "?frame=2");
        await Ask(server, 404, "post", SegmentPath, id: "none");
        await Ask(server, 422, "post", SegmentPath, id: StudyId);
        AssertSame(
            """{"stored": ["stored", "stored", "stored"]}""",
            await Ask(server, 200, "post", MaskPath, MaskOf(MadeFile.Width, MadeFile.Height)));
        await Ask(server, 400, "post", MaskPath, MaskOf(MadeFile.Width, MadeFile.Height), query: "?threshold=2");
        await Ask(server, 404, "post", MaskPath, MaskOf(MadeFile.Width, MadeFile.Height), id: "none");
        await Ask(server, 415, "post", MaskPath, new StringContent("no mask"));
        await Ask(server, 422, "post", MaskPath, MaskOf(MadeFile.Width, MadeFile.Height + 1));
    }

    [Theory]
    [InlineData(null, 404)]
    [InlineData("http://localhost:1", 502)]
    public async Task Every_call_of_an_archive_that_is_not_there_is_refused_as_described(string? archive, int status)
    {
        await using RunningServer server = await RunningServer.Start(
            RunningServer.Options with { Archive = archive is null ? null : new Uri(archive) });
        string address = archive is null ? "null" : $"\"{archive}/\"";
        AssertSame($$"""{"address": {{address}}}""", await Ask(server, 200, "get", "/api/v1/archive"));
        await Ask(server, status, "get", StudiesPath);
        await Ask(server, status, "get", ImagesPath);
        await Ask(server, status, "post", SegmentPath);
        await Ask(server, status, "post", MaskPath, MaskOf(1, 1));
    }

    [Fact]
    public async Task Calls_without_a_key_are_refused_where_that_is_described_and_a_key_is_sent_as_described()
    {
        const string Key = "a key of some length";
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { ApiKeys = [Key] });
        JsonNode description = JsonNode.Parse(await server.Client.GetStringAsync("/openapi.json", Stop))!;
        foreach ((string path, JsonNode? operations) in description["paths"]!.AsObject())
        {
            string address = path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            foreach ((string method, JsonNode? operation) in operations!.AsObject())
            {
                using HttpRequestMessage request = new(new HttpMethod(method), address);
                using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
                bool isDescribed = operation!["responses"]!["401"] is not null;
                Assert.True(
                    isDescribed == (response.StatusCode == HttpStatusCode.Unauthorized), $"{method} {path}: {response.StatusCode}");
                await AssertDescribed(response, operation, description);
            }
        }

        JsonNode schemes = description["components"]!["securitySchemes"]!;
        foreach ((string name, string value) in new[]
        {
            ((string)schemes["apiKey"]!["name"]!, Key), ("Authorization", $"{(string)schemes["bearer"]!["scheme"]!} {Key}"),
        })
        {
            using HttpRequestMessage request = new(HttpMethod.Get, "/api/v1/weights");
            request.Headers.TryAddWithoutValidation(name, value);
            using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
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

    private static void AssertSame(string expected, JsonNode answer) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), answer), answer.ToJsonString());

    private static ByteArrayContent MaskOf(int width, int height)
    {
        byte[] pixels = new byte[width * height];
        for (int y = height / 4; y < height / 2; y++)
        {
            pixels.AsSpan((y * width) + (width / 4), width / 4).Fill(1);
        }

        byte[] png = ImageFile.EncodePng(new Mask(width, height, pixels), MaskValues.ZeroOr255);
        return new ByteArrayContent(png) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } };
    }

    // The answer to a call, which has a status and fits its description; the identifier is the study's and the image's that there are.
    private static async Task<JsonNode> Ask(
        RunningServer server, int status, string method, string path, HttpContent? body = null, string? id = null, string query = "")
    {
        string address = path.Replace("{study}", id ?? StudyId, StringComparison.Ordinal)
            .Replace("{image}", id ?? ImageId, StringComparison.Ordinal);
        JsonNode description = JsonNode.Parse(await server.Client.GetStringAsync("/openapi.json", Stop))!;
        using HttpRequestMessage request = new(new HttpMethod(method), address + query) { Content = body };
        using HttpResponseMessage response = await server.Client.SendAsync(request, Stop);
        await AssertDescribed(response, description["paths"]?[path]?[method], description);
        Assert.Equal(status, (int)response.StatusCode);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!;
    }

    // To a schema, what is no JSON is one string.
    private static async Task AssertDescribed(HttpResponseMessage response, JsonNode? operation, JsonNode description)
    {
        string status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
        string type = response.Content.Headers.ContentType!.MediaType!;
        string call = $"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri} {status}";
        JsonNode? schema = operation?["responses"]?[status]?["content"]?[type]?["schema"];
        Assert.True(schema is not null, $"{call} {type}, which is not described.");
        string text = await response.Content.ReadAsStringAsync(Stop);
        string answer = type.EndsWith("json", StringComparison.Ordinal) ? text : JsonSerializer.Serialize(text);
        Assert.True(Fits(schema, description, answer), $"{call}: {text}\n{schema}");
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
