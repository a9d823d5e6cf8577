using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests;

/// <summary>The weights that come with the product: what is said of them, and that they are there.</summary>
public sealed class PretrainedTests
{
    private const int MostBytes = 2_000_000;

    private static string SourcePath => Repository.Path("src", "CMUNeXt.Pretrained", "breast-ultrasound.safetensors");

    [Fact]
    public void They_are_the_file_of_the_repository_and_small()
    {
        Assert.Equal(WeightsFile.Load(SourcePath).Sha256, Pretrained.BreastUltrasound.Sha256);
        Assert.InRange(new FileInfo(SourcePath).Length, 1, MostBytes);
        Assert.Same(Pretrained.BreastUltrasound, Pretrained.BreastUltrasound);
    }

    [Fact]
    public void They_say_where_they_come_from_and_what_they_are_for()
    {
        WeightsMetadata metadata = Assert.IsType<WeightsMetadata>(Pretrained.BreastUltrasound.Metadata);
        Assert.Equal(("cmunext-s", 3, 1), (metadata.Network.Name, metadata.Network.Channels, metadata.Network.Outputs));
        Assert.Contains("Data in Brief 28 (2020) 104863", metadata.DataSet, StringComparison.Ordinal);
        Assert.Contains("epoch", metadata.Recipe, StringComparison.Ordinal);
        Assert.Contains("MIT", metadata.License, StringComparison.Ordinal);
        Assert.Contains("not a medical device", metadata.IntendedUse, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["lesion"], metadata.Classes);
        Assert.Contains("iou", metadata.Metrics!);
        Assert.NotNull(metadata.Calibration);
        Assert.Equal(2, metadata.Calibration.ExpectedCalibrationErrors.Count);
    }

    [Fact]
    public void The_model_card_is_of_these_weights()
    {
        string card = File.ReadAllText(Repository.Path("docs", "reference", "model-card.md"));
        Assert.Contains(Pretrained.BreastUltrasound.Sha256, card, StringComparison.Ordinal);
        Assert.Contains("not a medical device", card, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_dark_lesion_in_bright_tissue_is_found_with_a_confidence()
    {
        const int Width = 230;
        const int Height = 170;
        Random random = new(4);
        byte[] pixels = new byte[Width * Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            double x = ((double)(i % Width) / Width) - 0.5;
            double y = ((double)(i / Width) / Height) - 0.45;
            pixels[i] = (byte)(((x * x) + (y * y) < 0.03 ? 20 : 130) * (0.6 + (0.8 * random.NextDouble())));
        }

        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound, new() { Threads = 1 });
        Lesion lesion = segmenter.Segment(new Image(Width, Height, 1, pixels)).Lesions[0];
        Assert.InRange(lesion.Box.X + (lesion.Box.Width / 2.0), 0.4 * Width, 0.6 * Width);
        Assert.InRange(lesion.Confidence!.Value, 0, 1);
    }
}
