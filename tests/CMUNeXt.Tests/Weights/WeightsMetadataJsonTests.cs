using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

public sealed class WeightsMetadataJsonTests
{
    [Fact]
    public void The_names_in_the_file_do_not_change()
    {
        using JsonDocument json = JsonDocument.Parse(WeightsMetadataJson.Write(SampleWeights.Metadata()));
        JsonElement root = json.RootElement;
        Assert.Equal(
            ["network", "preprocessing", "classes", "threshold", "calibration", "presence", "with_flips", "dataset", "metrics",
                "recipe", "license", "intended_use"], root.EnumerateObject().Select(m => m.Name));
        Assert.Equal(["name", "channels", "outputs", "configuration"], root.GetProperty("network").EnumerateObject().Select(m => m.Name));
        Assert.Equal(
            ["dims", "depths", "kernels"], root.GetProperty("network").GetProperty("configuration").EnumerateObject().Select(m => m.Name));
        Assert.Equal(
            ["height", "width", "order", "mean", "std", "divisor"],
            root.GetProperty("preprocessing").EnumerateObject().Select(m => m.Name));
        Assert.Equal(
            ["intercept", "slope", "share_slope", "least_iou", "lesions", "expected_calibration_errors"],
            root.GetProperty("calibration").EnumerateObject().Select(m => m.Name));
        Assert.Equal(["calibration", "presence"], root.GetProperty("with_flips").EnumerateObject().Select(m => m.Name));
        Assert.Equal("gray", root.GetProperty("preprocessing").GetProperty("order").GetString());
        Assert.Equal(0.7156, root.GetProperty("metrics").GetProperty("iou").GetDouble());
    }

    [Fact]
    public void The_shortest_metadata_take_the_published_protocol_and_unknown_members_are_passed_over()
    {
        WeightsMetadata metadata = WeightsMetadataJson.Read("w", """{"network":{"name":"unet","color":[1,{}]},"later":{"a":[null]}}""");
        WeightsMetadata expected = new() { Network = new NetworkDescription { Name = "unet", Channels = 3, Outputs = 1 } };
        SampleWeights.AssertEqual(expected, metadata);
        Assert.Equal(ChannelOrder.Bgr, metadata.Preprocessing.Order);
        Assert.Equal([0.485, 0.456, 0.406], metadata.Preprocessing.Mean);
        Assert.Equal(255, metadata.Preprocessing.Divisor);
    }

    [Theory]
    [InlineData("""{"network":{"name":"unet","channels":1}}""")]
    [InlineData("""{"network":{"name":"unet","channels":1},"preprocessing":{"order":"gray"}}""")]
    public void What_is_left_out_of_a_gray_network_is_the_published_protocol_for_one_channel(string json) =>
        Assert.Equal(Preprocessing.For(1), WeightsMetadataJson.Read("w", json).Preprocessing);

    // In double precision they are numbers above 0; computed with, all pixels are alike, or infinite.
    [Theory]
    [InlineData(1e39, 0.2)]
    [InlineData(1e-320, 0.2)]
    [InlineData(255, 1e-45)]
    public void What_leaves_no_different_numbers_of_black_and_white_is_refused(double divisor, double deviation)
    {
        string json = FormattableString.Invariant(
            $$"""{"network":{"name":"unet","channels":1},"preprocessing":{"divisor":{{divisor:R}},"std":[{{deviation:R}}] } }""");
        Assert.Contains(
            "no different numbers of black and white",
            Assert.Throws<BadFileException>(() => WeightsMetadataJson.Read("w", json)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_ablated_is_kept_and_left_out_where_nothing_is()
    {
        CMUNeXtConfiguration ablated = CMUNeXtConfiguration.Small with
        {
            Fusion = FusionBlock.Plain,
            Order = LayerOrder.NormalizationFirst,
        };
        WeightsMetadata metadata = new() { Network = new NetworkDescription { Name = "cmunext-s", Configuration = ablated } };
        string json = WeightsMetadataJson.Write(metadata);
        Assert.Contains("\"kernels\":[3,3,7,7,9],\"fusion\":\"plain\",\"order\":\"normalization-first\"}", json, StringComparison.Ordinal);
        Assert.Equal(ablated, WeightsMetadataJson.Read("w", json).Network.Configuration);
    }

    [Fact]
    public void That_no_image_was_shown_upside_down_is_kept_and_else_left_out()
    {
        WeightsMetadata metadata = new() { Network = new NetworkDescription { Name = "cmunext-s" } };
        Assert.DoesNotContain("vertical_flips", WeightsMetadataJson.Write(metadata), StringComparison.Ordinal);
        string json = WeightsMetadataJson.Write(metadata with { VerticalFlips = false });
        Assert.Contains("\"vertical_flips\":false", json, StringComparison.Ordinal);
        Assert.False(WeightsMetadataJson.Read("w", json).VerticalFlips);
        Assert.True(WeightsMetadataJson.Read("w", json.Replace(":false", ":true", StringComparison.Ordinal)).VerticalFlips);
    }

    [Fact]
    public void Names_of_earlier_versions_are_read()
    {
        WeightsMetadata metadata = WeightsMetadataJson.Read("w", """
            {
              "network": {
                "name": "cmunext-s",
                "configuration":
                  { "dims": [8, 16, 32, 64, 128], "depths": [1, 1, 1, 1, 1], "kernels": [3, 3, 7, 7, 9], "order": "normalisation-first" }
              },
              "preprocessing": { "deviation": [0.1, 0.2, 0.3] },
              "licence": "MIT"
            }
            """);
        Assert.Equal(LayerOrder.NormalizationFirst, metadata.Network.Configuration!.Order);
        Assert.Equal([0.1, 0.2, 0.3], metadata.Preprocessing.StandardDeviation);
        Assert.Equal("MIT", metadata.License);
        Assert.Equal(ChannelOrder.Gray, WeightsMetadataJson.Read("w", """
            { "network": { "name": "unet", "channels": 1 }, "preprocessing": { "order": "grey", "mean": [0.4], "std": [0.2] } }
            """).Preprocessing.Order);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"network":null}""")]
    [InlineData("""{"network":{}}""")]
    [InlineData("""{"network":{"name":null}}""")]
    [InlineData("""{"network":{"name":7}}""")]
    [InlineData("""{"network":{"name":""}}""")]
    [InlineData("""{"network":{"name":"a\nb"}}""")]
    [InlineData("""{"network":{"name":"\ud800"}}""")]
    [InlineData("""{"network":{"name":"unet"},"network":{"name":"unet"}}""")]
    [InlineData("""{"network":{"name":"unet","channels":0}}""")]
    [InlineData("""{"network":{"name":"unet","channels":"3"}}""")]
    [InlineData("""{"network":{"name":"unet","outputs":257}}""")]
    [InlineData("""{"network":{"name":"unet","outputs":1.5}}""")]
    [InlineData("""{"network":{"name":"unet","outputs":99999999999}}""")]
    [InlineData("""{"network":{"name":"cmunext","configuration":{"dims":[1,2,3,4,5],"depths":[1,1,1,1,1]}}}""")]
    [InlineData(
        """{"network":{"name":"cmunext","configuration":{"dims":[1,2,3,4,5],"depths":[1,1,1,1,1],"kernels":[3,3,3,3,3],"block":"x"}}}""")]
    [InlineData(
        """{"network":{"name":"cmunext","configuration":{"dims":[1,2,3,4,5],"depths":[1,1,1,1,1],"kernels":[3,3,3,3,3],"order":1}}}""")]
    [InlineData("""{"network":{"name":"cmunext","configuration":{"dims":[1,2,3,4,5],"depths":[1,1,1,1,1],"kernels":[3,3,3,3,4]}}}""")]
    [InlineData("""{"network":{"name":"cmunext","configuration":{"dims":[1,2,3,4],"depths":[1,1,1,1,1],"kernels":[3,3,3,3,3]}}}""")]
    [InlineData("""{"network":{"name":"cmunext","configuration":{"dims":null,"depths":[1,1,1,1,1],"kernels":[3,3,3,3,3]}}}""")]
    [InlineData("""{"network":{"name":"unet"},"threshold":1.5}""")]
    [InlineData("""{"network":{"name":"unet"},"threshold":"0.5"}""")]
    [InlineData("""{"network":{"name":"unet"},"classes":["a","b"]}""")]
    [InlineData("""{"network":{"name":"unet"},"classes":[null]}""")]
    [InlineData("""{"network":{"name":"unet"},"classes":null}""")]
    [InlineData("""{"network":{"name":"unet"},"metrics":{"iou":1e999}}""")]
    [InlineData("""{"network":{"name":"unet"},"metrics":{"iou":"NaN"}}""")]
    [InlineData("""{"network":{"name":"unet"},"dataset":""}""")]
    [InlineData("""{"network":{"name":"unet"},"license":7}""")]
    [InlineData("""{"network":{"name":"unet"},"recipe":""}""")]
    [InlineData("""{"network":{"name":"unet"},"intended_use":"a\nb"}""")]
    [InlineData("""{"network":{"name":"unet"},"presence":{"score":1,"specificity":0.95}}""")]
    [InlineData("""{"network":{"name":"unet"},"presence":{"score":1e999,"specificity":0.95,"healthy_images":20}}""")]
    [InlineData("""{"network":{"name":"unet"},"presence":{"score":1,"specificity":1,"healthy_images":20}}""")]
    [InlineData("""{"network":{"name":"unet"},"presence":{"score":1,"specificity":0.95,"healthy_images":0}}""")]
    [InlineData("""{"network":{"name":"unet"},"presence":{"score":1,"specificity":0.95,"healthy_images":20,"sensitivity":2}}""")]
    [InlineData("""{"network":{"name":"unet"},"calibration":{"intercept":1,"lesions":3}}""")]
    [InlineData("""{"network":{"name":"unet"},"calibration":{"intercept":1e999,"slope":1,"lesions":3}}""")]
    [InlineData("""{"network":{"name":"unet"},"calibration":{"intercept":1,"slope":1,"lesions":0}}""")]
    [InlineData("""{"network":{"name":"unet"},"with_flips":{"calibration":{"intercept":1,"slope":1,"lesions":0}}}""")]
    [InlineData("""{"network":{"name":"unet"},"with_flips":{"presence":{"score":1,"specificity":0,"healthy_images":30}}}""")]
    [InlineData("""{"network":{"name":"unet"},"with_flips":[]}""")]
    [InlineData("""{"network":{"name":"unet"},"calibration":{"intercept":1,"slope":1,"share_slope":1e999,"lesions":3}}""")]
    [InlineData("""{"network":{"name":"unet"},"calibration":{"intercept":1,"slope":1,"lesions":3,"least_iou":0}}""")]
    [InlineData("""{"network":{"name":"unet"},"calibration":{"intercept":1,"slope":1,"lesions":3,"least_iou":0.75}}""")]
    [InlineData("""{"network":{"name":"unet"},"calibration":{"intercept":1,"slope":1,"lesions":3,"expected_calibration_errors":[2]}}""")]
    [InlineData("""{"network":{"name":"unet"},"calibration":{"intercept":1,"slope":1,"lesions":3,"expected_calibration_errors":null}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":null}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"order":"yuv"}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"order":1}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"order":"gray"}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"height":0}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"width":100000}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"mean":[0.5]}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"mean":[0.5,0.5,2]}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"std":[0.5,0,0.5]}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"deviation":[0.5,0,0.5]}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"deviation":null}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"order":null}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"mean":null}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"std":null}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"std":[0.5,0.5,0.5],"std":[0.1,0.1,0.1]}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"divisor":0}}""")]
    [InlineData("""{"network":{"name":"unet"},"preprocessing":{"divisor":1e999}}""")]
    public void Malformed_metadata_are_refused(string json)
    {
        BadFileException e = Assert.Throws<BadFileException>(() => WeightsMetadataJson.Read("w.safetensors", json));
        Assert.StartsWith("w.safetensors: its metadata (cmunext) ", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
