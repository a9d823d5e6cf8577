using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

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

        // No double holds it.
        Assert.Null(SegmentationReport.FromJson(
            report.ToJson().Replace("\"threshold\": 0.5", "\"threshold\": 1e999", StringComparison.Ordinal)));

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

    [Theory]
    [InlineData("{\"file\":\"\ud800\"}")]
    [InlineData("{")]
    [InlineData("7")]
    [InlineData("")]
    public void A_text_that_is_no_report_is_none(string text) => Assert.Null(SegmentationReport.FromJson(text));

    // People take the contours out, which are most of the file.
    [Fact]
    public void A_lesion_that_lacks_what_every_lesion_has_is_of_no_report()
    {
        SegmentationReport report = new()
        {
            File = "a.png",
            Width = 100,
            Height = 90,
            Model = "cmunext-s",
            WeightsSha256 = "ab",
            Threshold = 0.5,
            Area = 9,
            Lesions = [new Lesion(1, 9, new BoundingBox(20, 50, 3, 3), [new PixelPosition(20, 50)], 0.9, 0.8)],
        };
        Assert.All((string[])["class", "area", "box", "contour", "mean_probability"], key => Assert.Null(Without(key)));
        Assert.Null(Assert.Single(Without("confidence")!.Lesions).Confidence);

        SegmentationReport? Without(string key)
        {
            JsonNode json = JsonNode.Parse(report.ToJson())!;
            Assert.True(json["lesions"]![0]!.AsObject().Remove(key));
            return SegmentationReport.FromJson(json.ToJsonString());
        }
    }

    [Fact]
    public void The_report_says_where_lesions_are_of_an_image_taken_for_healthy_and_their_confidences_too_high()
    {
        WeightsMetadata metadata = new()
        {
            Network = NetworkCatalog.Describe("cmunext-s"),
            Preprocessing = Preprocessing.Published with { Width = 48, Height = 32 },
            Threshold = 0.001,
            Calibration = new LesionCalibration { Intercept = 0.5, Slope = 2, Lesions = 40 },
        };
        double presence = Report(metadata, ignorePresence: false).Presence!.Value;
        SegmentationReport hidden = Report(With(presence), ignorePresence: false);
        Assert.Empty(hidden.Lesions);
        Assert.Contains("nothing is outlined", hidden.PresenceNote, StringComparison.Ordinal);
        Assert.Null(hidden.ConfidenceNote);

        SegmentationReport shown = Report(With(presence), ignorePresence: true);
        Assert.NotEmpty(shown.Lesions);
        Assert.All(shown.Lesions, lesion => Assert.NotNull(lesion.Confidence));
        Assert.Equal(presence, shown.PresenceThreshold);
        Assert.Contains("are outlined because all were asked for", shown.PresenceNote, StringComparison.Ordinal);
        Assert.Contains("In this image it may be too high", shown.ConfidenceNote, StringComparison.Ordinal);
        Assert.EndsWith(", and their confidences may be too high.", shown.PresenceNote, StringComparison.Ordinal);
        SegmentationReport uncalibrated = shown with { Lesions = [.. shown.Lesions.Select(lesion => lesion with { Confidence = null })] };
        Assert.EndsWith("are outlined because all were asked for.", uncalibrated.PresenceNote, StringComparison.Ordinal);

        SegmentationReport above = Report(With(presence - 0.01), ignorePresence: true);
        Assert.Equal(shown.Lesions.Select(lesion => lesion.Confidence), above.Lesions.Select(lesion => lesion.Confidence));
        Assert.Null(above.PresenceNote);
        Assert.StartsWith(above.ConfidenceNote!, shown.ConfidenceNote, StringComparison.Ordinal);
        Assert.NotEqual(above.ConfidenceNote, shown.ConfidenceNote);

        WeightsMetadata With(double score) =>
            metadata with { Presence = new PresenceThreshold { Score = score, Specificity = 0.95, HealthyImages = 20 } };
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

    private static SegmentationReport Report(WeightsMetadata metadata, bool ignorePresence)
    {
        LoadedWeights weights = new("x", SampleNetwork.Weights(metadata.Network), metadata, default);
        using Segmenter segmenter = Segmenter.Load(weights, new() { Threads = 1, IgnorePresence = ignorePresence });
        return SegmentationReport.Of("a.png", segmenter.Segment(new Image(48, 32, 1, new byte[48 * 32])), segmenter);
    }

    private static JsonSerializerOptions Indented(JsonSerializerOptions options) => new(options) { WriteIndented = true, NewLine = "\n" };
}
