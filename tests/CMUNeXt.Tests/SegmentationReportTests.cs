using System.Text.Json;
using CMUNeXt.Masks;

namespace CMUNeXt.Tests;

public sealed class SegmentationReportTests
{
    [Fact]
    public void A_web_service_writes_the_keys_of_the_report()
    {
        Lesion lesion = new Lesion(1, 9, new BoundingBox(20, 50, 3, 3), [new PixelPosition(20, 50)], 0.9, 0.8)
            .Measure(new PixelSize(0.1, 0.2));
        SegmentationReport report = new()
        {
            File = "a.png",
            Width = 100,
            Height = 90,
            Region = new BoundingBox(1, 2, 80, 70),
            Model = "cmunext-s",
            WeightsSha256 = "ab",
            Threshold = 0.5,
            Presence = 1,
            PresenceThreshold = 2,
            Area = 9,
            AreaMm2 = 0.18,
            Warnings = ["odd"],
            Lesions = [lesion],
        };
        JsonSerializerOptions aspNet = new(JsonSerializerOptions.Web) { WriteIndented = true, NewLine = "\n" };
        Assert.Equal(report.ToJson(), JsonSerializer.Serialize(report, aspNet));
        Assert.Equal(report.ToJson(), JsonSerializer.Deserialize<SegmentationReport>(report.ToJson(), aspNet)!.ToJson());
    }

    [Fact]
    public void A_segmenter_that_does_not_know_its_weights_makes_no_report()
    {
        using FakeNetwork network = new(3, 1, compute: _ => new float[256 * 256]);
        Segmentation found = Segmentation.FromProbability(2, 2, new float[4]);
        Assert.Throws<ArgumentException>(() => SegmentationReport.Of("a.png", found, new Segmenter(network, new())));
    }
}
