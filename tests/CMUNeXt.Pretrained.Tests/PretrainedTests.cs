using CMUNeXt.Images;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests;

/// <summary>The weights that come with the product: what is said of them, and that they are there.</summary>
public sealed class PretrainedTests
{
    private const int MostBytes = 2_000_000;

    /// <summary>The weights by name, and what their data sets are cited by.</summary>
    public static TheoryData<string, string> Named { get; } = new()
    {
        { "breast-ultrasound", "Data in Brief 28 (2020) 104863" },
        { "thyroid-ultrasound", "Proc. SPIE 9287" },
    };

    [Theory]
    [MemberData(nameof(Named))]
    public void They_are_the_file_of_the_repository_and_small(string name, string citation)
    {
        LoadedWeights weights = Load(name);
        string path = Repository.Path("src", weights == Pretrained.BreastUltrasound ? "CMUNeXt.Pretrained" : "CMUNeXt.Pretrained.Thyroid",
            $"{name}.safetensors");
        Assert.Equal(WeightsFile.Load(path).Sha256, weights.Sha256);
        Assert.InRange(new FileInfo(path).Length, 1, MostBytes);
        Assert.Same(weights, Load(name));

        WeightsMetadata metadata = Assert.IsType<WeightsMetadata>(weights.Metadata);
        Assert.Equal(("cmunext-s", 3, 1), (metadata.Network.Name, metadata.Network.Channels, metadata.Network.Outputs));
        Assert.Contains(citation, metadata.DataSet, StringComparison.Ordinal);
        Assert.Contains("epoch", metadata.Recipe, StringComparison.Ordinal);
        Assert.Contains("MIT", metadata.License, StringComparison.Ordinal);
        Assert.Contains("not a medical device", metadata.IntendedUse, StringComparison.OrdinalIgnoreCase);
        Assert.Single(metadata.Classes);
        Assert.Contains("iou", metadata.Metrics!);
        Assert.NotNull(metadata.Calibration);
        Assert.Equal(2, metadata.Calibration.ExpectedCalibrationErrors.Count);
    }

    [Theory]
    [MemberData(nameof(Named))]
    public void The_model_card_is_of_these_weights(string name, string citation)
    {
        string card = File.ReadAllText(Repository.Path("docs", "reference", "model-cards", $"{name}.md"));
        Assert.Contains(Load(name).Sha256, card, StringComparison.Ordinal);
        Assert.Contains(citation, card, StringComparison.Ordinal);
        Assert.Contains("not a medical device", card, StringComparison.OrdinalIgnoreCase);
    }

    // A dark ellipse in grainy tissue, of an eighth of the image: an empty mask, a full one and one at random are far from it. Those for
    // the thyroid leave a part of it out, since it is no image of theirs.
    [Theory]
    [InlineData("breast-ultrasound", 0.7)]
    [InlineData("thyroid-ultrasound", 0.6)]
    public void A_dark_lesion_in_bright_tissue_is_outlined_with_a_confidence(string name, double least)
    {
        const int Width = 320;
        const int Height = 240;
        float[] grain = Formula.Input(4, Width * Height);
        bool[] drawn = new bool[Width * Height];
        byte[] pixels = new byte[Width * Height];
        for (int i = 0; i < pixels.Length; i++)
        {
            double x = ((double)(i % Width) / Width) - 0.5;
            double y = ((double)(i / Width) / Height) - 0.45;
            drawn[i] = (x * x) + (y * y) < 0.04;
            pixels[i] = (byte)((drawn[i] ? 40 : 110) * (1 + (0.4 * grain[i])));
        }

        using Segmenter segmenter = Segmenter.Load(Load(name), new() { Threads = 1 });
        Segmentation found = segmenter.Segment(new Image(Width, Height, 1, pixels));
        (bool Drawn, bool Found)[] pairs = [.. drawn.Zip(found.Mask.Pixels, (one, label) => (one, label != 0))];
        int both = pairs.Count(pair => pair.Drawn && pair.Found);
        int either = pairs.Count(pair => pair.Drawn || pair.Found);
        Assert.InRange((double)both / either, least, 1);
        Assert.InRange(found.Lesions[0].Confidence!.Value, 0.5, 1);
    }

    private static LoadedWeights Load(string name) =>
        name == "breast-ultrasound" ? Pretrained.BreastUltrasound : Pretrained.ThyroidUltrasound;
}
