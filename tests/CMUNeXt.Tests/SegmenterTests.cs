using CMUNeXt.Engine.Inference;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests;

public sealed class SegmenterTests
{
    private static readonly Preprocessing Small = Preprocessing.Published with { Width = 32, Height = 16 };

    [Fact]
    public void A_threshold_is_for_weights_of_one_output()
    {
        CMUNeXtConfiguration configuration = CMUNeXtConfiguration.Small;
        LoadedWeights Weights(int outputs) => new("w.pth", configuration.StartingWeights(3, outputs, 1), null, default);
        using (Segmenter one = Segmenter.Load(Weights(1), new SegmenterOptions { Threshold = 0.9 }))
        {
            Assert.Equal(0.9, one.Threshold);
        }

        Assert.Contains(
            "a pixel belongs to the most probable class",
            Assert.Throws<ArgumentException>(() => Segmenter.Load(Weights(2), new SegmenterOptions { Threshold = 0.9 })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_network_sees_the_preprocessed_image_and_the_mask_has_the_images_size()
    {
        // The logit is the red channel of the input: bright red is foreground.
        using FakeNetwork network = new(3, 1, compute: input => input[(2 * 32 * 16)..]);
        byte[] pixels = new byte[64 * 48 * 3];
        for (int i = 0; i < 64 * 48; i++)
        {
            pixels[3 * i] = i % 64 < 32 ? (byte)255 : (byte)0;
        }

        Image image = new(64, 48, 3, pixels);
        Segmentation found = new Segmenter(network, Small).Segment(image);
        float[] expected = new float[3 * 32 * 16];
        Small.Apply(image, expected);

        Assert.Equal(expected, network.Input);
        Assert.Equal((64, 48), (found.Width, found.Height));
        Assert.Equal(Enumerable.Range(0, 64 * 48).Select(i => i % 64 < 32 ? (byte)1 : (byte)0), found.Mask.Pixels);
    }

    [Fact]
    public void Logits_have_the_networks_size_and_the_threshold_is_used()
    {
        using FakeNetwork network = new(3, 1, compute: input => [.. Enumerable.Repeat(1f, 32 * 16)]);
        Image image = new(5, 4, 1, new byte[20]);

        Assert.Equal(32 * 16, new Segmenter(network, Small).ComputeLogits(image).Length);
        double probability = 1 / (1 + Math.Exp(-1));
        Assert.Equal(20, new Segmenter(network, Small, probability - 1e-4).Segment(image).Mask.Area());
        Assert.Equal(0, new Segmenter(network, Small, probability + 1e-4).Segment(image).Mask.Area());
    }

    [Fact]
    public void A_size_of_the_preprocessing_that_is_no_multiple_of_sixteen_comes_back_cropped()
    {
        using FakeNetwork network = new(3, 2);
        Preprocessing odd = Preprocessing.Published with { Width = 20, Height = 10 };
        Assert.Equal(2 * 20 * 10, new Segmenter(network, odd).ComputeLogits(new Image(3, 3, 1, new byte[9])).Length);
        Assert.Equal((1, 16, 32), network.Size);
    }

    [Fact]
    public void A_buffer_that_views_no_pixels_is_refused()
    {
        using FakeNetwork network = new(3, 1);
        Segmenter segmenter = new(network, Small);
        Assert.Throws<ArgumentException>("pixels", () => segmenter.Segment(new PixelBuffer()));
    }

    [Fact]
    public void A_preprocessing_of_other_channels_is_refused()
    {
        using FakeNetwork network = new(1, 1);
        ArgumentException e = Assert.Throws<ArgumentException>(() => new Segmenter(network, Small));
        Assert.Contains("gives 3 channels, and the network takes 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preprocessing_of_a_size_that_the_network_never_takes_is_refused()
    {
        using FakeNetwork network = new(3, 1, "swinunet");
        ArgumentException e = Assert.Throws<ArgumentException>(() => new Segmenter(network, Small));
        Assert.Contains("224 x 224", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_file_is_loaded_with_its_preprocessing_and_threshold_and_segments_pixels_in_memory()
    {
        using TemporaryFolder folder = new();
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        StateDict state = SampleNetwork.Weights(network);
        Preprocessing preprocessing = Preprocessing.Published with { Width = 48, Height = 32, Order = ChannelOrder.Rgb };
        byte[] rgb = new byte[70 * 50 * 3];
        new Random(5).NextBytes(rgb);
        byte[] bgra = new byte[70 * 50 * 4];
        for (int i = 0; i < 70 * 50; i++)
        {
            (bgra[4 * i], bgra[(4 * i) + 1], bgra[(4 * i) + 2]) = (rgb[(3 * i) + 2], rgb[(3 * i) + 1], rgb[3 * i]);
        }

        // A threshold that half of the pixels are above.
        using ManagedNetwork expectedNetwork = new(network, state, threads: 1);
        Image image = new(70, 50, 3, rgb);
        float[] probabilities = new Segmenter(expectedNetwork, preprocessing).Segment(image).Probabilities[0];
        float threshold = probabilities.Order().ElementAt(70 * 50 / 2);
        Mask expected = new Segmenter(expectedNetwork, preprocessing, threshold).Segment(image).Mask;
        string path = folder.File("some.safetensors");
        WeightsFile.Save(
            path, state, new() { Network = network, Preprocessing = preprocessing, Threshold = threshold, Classes = ["cyst"] });

        using Segmenter segmenter = Segmenter.Load(path, new() { Threads = 2 });
        Assert.Equal(("cmunext-s", (double)threshold, preprocessing), (segmenter.Model, segmenter.Threshold, segmenter.Preprocessing));
        Assert.Equal(["cyst"], segmenter.Classes);
        Assert.Equal(expectedNetwork.Engine, segmenter.Engine);
        Assert.Equal(WeightsFile.Load(path).Sha256, SegmentationReport.Of("a", segmenter.Segment(image), segmenter).WeightsSha256);
        Segmentation found = segmenter.Segment(new PixelBuffer(bgra, 70, 50, 4 * 70, PixelFormat.Bgra32));
        Assert.Equal(probabilities, found.Probabilities[0]);
        Assert.Equal(expected.Pixels, found.Mask.Pixels);
        Assert.Equal(probabilities.Count(p => p > threshold), found.Area);
        Assert.Equal(found.Area, found.Lesions.Sum(lesion => lesion.Area));
        Assert.InRange(found.Area, 70 * 50 / 4, 70 * 50 * 3 / 4);

        using Segmenter other = Segmenter.Load(WeightsFile.Load(path), new() { Threshold = probabilities.Min() });
        Assert.Equal((70 * 50) - probabilities.Count(p => p == probabilities.Min()), other.Segment(image).Area);
    }

    [Fact]
    public void Lesions_have_a_confidence_where_the_weights_are_calibrated_and_their_threshold_is_kept()
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        LesionCalibration calibration = new() { Intercept = 0.5, Slope = 2, ShareSlope = 0.25, Lesions = 40 };
        WeightsMetadata metadata = new()
        {
            Network = network,
            Preprocessing = Preprocessing.Published with { Width = 48, Height = 32 },
            Threshold = 0.001,
        };
        StateDict state = SampleNetwork.Weights(network);
        Image image = new(48, 32, 1, new byte[48 * 32]);

        Segmentation calibrated = Segment(metadata with { Calibration = calibration }, null);
        Assert.NotEmpty(calibrated.Lesions);
        Assert.All(calibrated.Lesions, lesion => Assert.Equal(Confidence(lesion), lesion.Confidence));
        Assert.Equal(
            Confidence(calibrated.Lesions[0]), Assert.Single(calibrated.FindLesions(calibrated.Mask.WithLargestOnly())).Confidence);
        AssertWithoutConfidence(Segment(metadata, null));
        AssertWithoutConfidence(Segment(metadata with { Calibration = calibration }, 0.002));

        static void AssertWithoutConfidence(Segmentation found)
        {
            Assert.NotEmpty(found.Lesions);
            Assert.All(found.Lesions, lesion => Assert.Null(lesion.Confidence));
        }

        double Confidence(Lesion lesion) => calibration.Confidence(lesion.MeanProbability, (double)lesion.Area / calibrated.Area);

        Segmentation Segment(WeightsMetadata described, double? threshold)
        {
            using Segmenter segmenter = Segmenter.Load(
                new LoadedWeights("x", state, described, default), new() { Threads = 1, Threshold = threshold });
            return segmenter.Segment(image);
        }
    }

    [Fact]
    public void A_loaded_segmenter_disposes_of_its_network_and_another_leaves_it_alone()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using FakeNetwork network = new(3, 1);
        new Segmenter(network, Small).Dispose();
        Assert.Equal(0, network.Disposals);

        Segmenter loaded = Segmenter.Load(new LoadedWeights("x", SampleNetwork.Weights(description), null, default), new() { Threads = 1 });
        loaded.Dispose();
        Assert.Throws<ObjectDisposedException>(() => loaded.Segment(new Image(1, 1, 1, new byte[1])));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_threshold_that_is_no_probability_is_refused(double threshold)
    {
        using FakeNetwork network = new(3, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Segmenter(network, Small, threshold));
        LoadedWeights weights = new("x", SampleNetwork.Weights(NetworkCatalog.Describe("cmunext-s")), null, default);
        Assert.Throws<ArgumentOutOfRangeException>(() => Segmenter.Load(weights, new() { Threads = 1, Threshold = threshold }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Segmenter.Load(weights, new() { Threads = 0 }));
    }

    [Fact]
    public void A_preprocessing_and_a_network_that_are_not_possible_are_refused()
    {
        using FakeNetwork network = new(3, 1);
        (Preprocessing Preprocessing, string Fault)[] faults =
        [
            (Small with { Mean = [0.5] }, "the mean is 3 numbers"),
            (Small with { StandardDeviation = [0.5, 0.5] }, "the standard deviation (std) is 3 numbers"),
            (Small with { Divisor = 0 }, "the divisor is above 0"),
            (Small with { Width = 0 }, "not 0 x 16"),
        ];
        foreach ((Preprocessing preprocessing, string fault) in faults)
        {
            Assert.Contains(
                fault, Assert.Throws<ArgumentException>(() => new Segmenter(network, preprocessing)).Message, StringComparison.Ordinal);
            ArgumentException e = Assert.Throws<ArgumentException>(
                () => preprocessing.Apply(new Image(1, 1, 1, new byte[1]), new float[3 * 32 * 16]));
            Assert.Contains(fault, e.Message, StringComparison.Ordinal);
        }

        ArgumentException large = Assert.Throws<ArgumentException>(() => new Segmenter(network, Small with { Width = 16, Height = 4112 }));
        Assert.Contains("to 4096 x 4096 pixels, not 16 x 4112", large.Message, StringComparison.Ordinal);
        using FakeNetwork many = new(3, 257);
        Assert.Contains(
            "from 1 to 256", Assert.Throws<ArgumentException>(() => new Segmenter(many, Small)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Logits_that_are_no_finite_numbers_are_no_segmentation(float value)
    {
        using FakeNetwork network = new(
            3, 1, compute: input => [.. Enumerable.Range(0, input.Length / 3).Select(i => i == 7 ? value : -1)]);
        using Segmenter segmenter = new(network, Small);
        Assert.Throws<NotFiniteNumberException>(() => segmenter.Segment(new Image(1, 1, 1, new byte[1])));
        Assert.Throws<NotFiniteNumberException>(() => segmenter.ComputeLogits(new Image(1, 1, 1, new byte[1])));
        Assert.Throws<NotFiniteNumberException>(() => segmenter.Decide([.. Enumerable.Repeat(0f, (32 * 16) - 1), float.NaN], 8, 8));
    }

    [Theory]
    [InlineData(1e20f)]
    [InlineData(-1e20f)]
    public void Weights_that_are_finite_but_whose_logits_are_not_are_refused_when_they_are_opened(float value)
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict hostile = new(SampleNetwork.Weights(description).Select(tensor => tensor.Type == ElementType.Float32
            ? new WeightTensor(
                tensor.Name, tensor.Shape,
                [.. tensor.ToSingles().Select(
                    (_, i) => tensor.Name.EndsWith("running_var", StringComparison.Ordinal) || i % 2 == 0 ? MathF.Abs(value) : value)])
            : tensor));
        BadFileException e = Assert.Throws<BadFileException>(() => Segmenter.Load(new LoadedWeights("x", hostile, null, default)));
        Assert.Contains("its values are finite", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_the_engine_does_not_compute_are_refused()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s") with
        {
            Configuration = CMUNeXtConfiguration.Small with { Fusion = FusionBlock.Plain },
        };
        LoadedWeights ablated = new("x", SampleNetwork.Weights(description), null, default);
        Assert.Contains(
            "open it with a backend that does", Assert.Throws<BadFileException>(() => Segmenter.Load(ablated)).Message,
            StringComparison.Ordinal);
    }
}
