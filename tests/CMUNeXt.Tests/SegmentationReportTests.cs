using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Tests;

public sealed class SegmentationReportTests
{
    // ASP.NET's, and what a call without options has.
    private static readonly JsonSerializerOptions[] Serializers =
        [Indented(JsonSerializerOptions.Web), Indented(JsonSerializerOptions.Default)];

    [Fact]
    public void Any_serializer_writes_and_reads_the_keys_of_the_report()
    {
        Lesion lesion = new Lesion(1, 9, new BoundingBox(20, 50, 3, 3), [new PixelPosition(20, 50)], 0.9, 0.8)
            .Measure(new PixelSize(0.1, 0.2));
        SegmentationReport report = new()
        {
            File = "a.png",
            Source = "9 bytes, written 2026-01-02T03:04:05.6789012Z",
            Width = 100,
            Height = 90,
            Region = new BoundingBox(1, 2, 80, 70),
            Model = "cmunext-s",
            WeightsSha256 = "ab",
            Threshold = 0.5,
            Settings = "minimum area 9",
            Presence = 1,
            PresenceThreshold = 2,
            Area = 9,
            AreaMm2 = 0.18,
            Warnings = ["odd"],
            Lesions = [lesion],
        };
        Assert.All(Serializers, options =>
        {
            Assert.Equal(report.ToJson(), JsonSerializer.Serialize(report, options));
            Assert.Equal(report.ToJson(), JsonSerializer.Deserialize<SegmentationReport>(report.ToJson(), options)!.ToJson());
        });
        Assert.Equal(report.ToJson(), SegmentationReport.FromJson(report.ToJson())!.ToJson());

        JsonObject unwarned = JsonNode.Parse((report with { Warnings = [] }).ToJson())!.AsObject();
        Assert.Equal(
            JsonNode.Parse(report.ToJson())!.AsObject().Select(field => field.Key).Where(key => key != "warnings"),
            unwarned.Select(field => field.Key));

        JsonObject without = JsonNode.Parse(report.ToJson())!.AsObject();
        foreach (JsonArray? nothing in (JsonArray?[])[null, [null]])
        {
            without["lesions"] = nothing;
            Assert.Null(SegmentationReport.FromJson(without.ToJsonString()));
        }
    }

    [Fact]
    public void A_segmentation_has_the_keys_of_the_report_and_no_pixels()
    {
        using FakeNetwork network = new(3, 1, compute: _ => [.. Enumerable.Range(0, 256 * 256).Select(i => i % 256 < 128 ? 3f : -3f)]);
        Segmentation found = new Segmenter(network, new()).Segment(new Image(256, 256, 1, new byte[256 * 256]));
        SegmentationReport report = new()
        {
            File = "a.png",
            Width = 256,
            Height = 256,
            Model = "cmunext-s",
            WeightsSha256 = "ab",
            Threshold = 0.5,
            Presence = found.Presence,
            Area = 256 * 128,
            Lesions = found.Lesions,
        };
        JsonObject expected = JsonNode.Parse(report.ToJson())!.AsObject();
        Assert.All(Serializers, options =>
        {
            JsonObject actual = JsonSerializer.SerializeToNode(found, options)!.AsObject();
            Assert.Equal(
                ["area", "height", "lesions", "presence", "width"], actual.Select(field => field.Key).Order(StringComparer.Ordinal));
            Assert.All(actual, field => Assert.True(JsonNode.DeepEquals(expected[field.Key], field.Value), field.Key));
        });
    }

    [Fact]
    public void A_segmenter_that_does_not_know_its_weights_makes_no_report()
    {
        using FakeNetwork network = new(3, 1, compute: _ => new float[256 * 256]);
        Segmentation found = Segmentation.FromProbability(2, 2, new float[4]);
        Assert.Throws<ArgumentException>(() => SegmentationReport.Of("a.png", found, new Segmenter(network, new())));
    }

    private static JsonSerializerOptions Indented(JsonSerializerOptions options) => new(options) { WriteIndented = true, NewLine = "\n" };
}
