using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Backends;

public sealed class EnsembleTests : IDisposable
{
    private const int Width = 32;
    private const int Height = 16;
    private const int Plane = Width * Height;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void It_keeps_the_members_that_it_was_made_of()
    {
        List<LoadedWeights> given = [new("w.pth", CMUNeXtConfiguration.Small.StartingWeights(3, 1, 1), null, default)];
        Ensemble ensemble = new(given);
        given.Clear();
        Assert.Single(ensemble.Members);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Its_probability_is_the_mean_of_its_networks(int outputs)
    {
        float[][] members = [Logits(outputs, 1), Logits(outputs, 2), Logits(outputs, 3)];
        using EnsembleNetwork ensemble = new([.. members.Select(logits => Fake(outputs, _ => logits))], leftRight: false, topBottom: false);
        double[] expected = Mean([.. members.Select(logits => Probabilities(logits, outputs))]);
        AssertProbabilities(expected, ensemble, outputs);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(3, true)]
    [InlineData(1, false)]
    public void With_flips_it_is_the_mean_over_the_views_turned_back(int outputs, bool upsideDown)
    {
        // A network that finds what it sees: its logits are the image itself, once for each output.
        float[] Find(float[] image) =>
            [.. Enumerable.Range(0, outputs).SelectMany(c => image.Select((value, i) => (c + 1) * ((3 * value) - (i % 5))))];
        float[] image = Logits(1, 7);
        using EnsembleNetwork ensemble = new([Fake(outputs, Find)], leftRight: true, upsideDown);
        double[] expected = Mean(
        [
            .. from leftRight in new[] { false, true }
               from topBottom in upsideDown ? new[] { false, true } : [false]
               select Flip(Probabilities(Find(Flip(image, leftRight, topBottom)), outputs), leftRight, topBottom),
        ]);
        AssertProbabilities(expected, ensemble, outputs, image);
    }

    [Fact]
    public void Each_network_pads_each_view_for_itself()
    {
        // A size that no network takes as it is, and logits that depend on the place in the padded image.
        const int width = 36;
        const int height = 20;
        static float[] Find(float[] padded) => [.. padded.Select((value, i) => (3 * value) - (i % 5))];
        float[] image = Logits(2, 7)[..(width * height)];
        FakeNetwork[] members = [Fake(1, Find), new FakeNetwork(1, 1, "unext", Find)];
        double[] expected = Mean(
        [
            .. from member in members
               from leftRight in new[] { false, true }
               from topBottom in new[] { false, true }
               let view = Flip(image, leftRight, topBottom, width, height)
               select Flip(Probabilities(member.Forward(view, 1, height, width), 1), leftRight, topBottom, width, height),
        ]);
        using EnsembleNetwork ensemble = new(members, leftRight: true, topBottom: true);
        Assert.Equal(expected, Probabilities(ensemble.Forward(image, 1, height, width), 1), (e, a) => Math.Abs(e - a) < 1e-6);
        Assert.Equal([(1, 32, 48), (1, 32, 64)], members.Select(member => member.Size));
    }

    [Fact]
    public void Where_all_are_sure_the_logits_stay_finite()
    {
        float[] sure = [.. Enumerable.Repeat(2000f, Plane / 2), .. Enumerable.Repeat(-2000f, Plane / 2)];
        using EnsembleNetwork ensemble = new([Fake(1, _ => sure), Fake(1, _ => sure)], leftRight: false, topBottom: false);
        float[] logits = ensemble.Forward(new float[Plane], 1, Height, Width);
        Assert.All(logits[..(Plane / 2)], logit => Assert.InRange(logit, 700, 800));
        Assert.All(logits[(Plane / 2)..], logit => Assert.InRange(logit, -800, -700));
    }

    [Theory]
    [InlineData(1, float.PositiveInfinity)]
    [InlineData(1, float.NegativeInfinity)]
    [InlineData(1, float.NaN)]
    [InlineData(3, float.PositiveInfinity)]
    [InlineData(3, float.NegativeInfinity)]
    public void An_image_of_which_one_network_says_nothing_finite_has_no_logits(int outputs, float value)
    {
        float[] sound = Logits(outputs, 1);
        float[] spoiled = [.. sound];
        spoiled[7] = value;
        using EnsembleNetwork ensemble = new(
            [Fake(outputs, _ => [.. spoiled, .. sound]), Fake(outputs, _ => [.. sound, .. sound])], leftRight: false, topBottom: false);
        float[] logits = ensemble.Forward(new float[2 * Plane], 2, Height, Width);
        Assert.All(logits[..(outputs * Plane)], logit => Assert.True(float.IsNaN(logit)));
        Assert.Equal(
            Probabilities(sound, outputs), Probabilities(logits[(outputs * Plane)..], outputs), (e, a) => Math.Abs(e - a) < 1e-6);

        using EnsembleNetwork flipped = new([Fake(outputs, _ => spoiled)], leftRight: true, topBottom: true);
        using Segmenter segmenter = new(flipped, Preprocessing.For(1) with { Width = Width, Height = Height });
        Assert.Throws<NotFiniteNumberException>(() => segmenter.Segment(new Image(1, 1, 1, new byte[1])));
    }

    [Fact]
    public async Task Of_many_callers_as_many_compute_at_once_as_there_are_cores()
    {
        // Without turns as many would compute as there are threads.
        int cores = Environment.ProcessorCount;
        int calls = cores + 16;
        (int computing, int most) = (0, 0);
        Lock gate = new();
        using EnsembleNetwork ensemble = new([Fake(1, Find)], leftRight: true, topBottom: true);
        using Segmenter segmenter = new(ensemble, Preprocessing.For(1) with { Width = Width, Height = Height });
        Image image = new(1, 1, 1, new byte[1]);
        ThreadPool.GetMinThreads(out int before, out int completion);
        ThreadPool.SetMinThreads(Math.Max(before, calls + 8), completion);
        try
        {
            CancellationToken stop = TestContext.Current.CancellationToken;
            await Task.WhenAll(Enumerable.Range(0, calls).Select(_ => segmenter.SegmentAsync(image, stop)));
        }
        finally
        {
            ThreadPool.SetMinThreads(before, completion);
        }

        Assert.Equal(cores, most);

        float[] Find(float[] input)
        {
            lock (gate)
            {
                most = Math.Max(most, ++computing);
            }

            // Each waits until as many compute as may. Without turns more would come meanwhile.
            Wait.Until("call on every core", () => Volatile.Read(ref most) >= cores);
            Thread.Sleep(20);
            lock (gate)
            {
                computing--;
            }

            return input;
        }
    }

    [Fact]
    public void It_disposes_of_its_networks()
    {
        FakeNetwork member = Fake(1, _ => new float[Plane]);
        new EnsembleNetwork([member], leftRight: true, topBottom: true).Dispose();
        Assert.Equal(1, member.Disposals);
    }

    [Fact]
    public void Weights_of_several_files_give_the_mean_that_is_computed_by_hand()
    {
        LoadedWeights[] members = [Weights("a", 1), Weights("b", 2)];
        Ensemble ensemble = new(members);
        float[] image = [.. Enumerable.Range(0, 3 * 32 * 32).Select(i => (i % 29) / 29f)];
        using Network network = ensemble.Open(threads: 1);
        double[] expected = Mean([.. members.Select(member =>
        {
            using Network single = new Ensemble([member]).Open(threads: 1);
            return Probabilities(single.Forward(image, 1, 32, 32), 1);
        })]);
        Assert.Equal(expected, Probabilities(network.Forward(image, 1, 32, 32), 1), (e, a) => Math.Abs(e - a) < 1e-6);
        Assert.Equal(Files.Sha256.Of(System.Text.Encoding.ASCII.GetBytes($"{members[0].Sha256}\n{members[1].Sha256}\n")), ensemble.Sha256);
        Assert.Equal(members[0].Sha256, new Ensemble([members[0]]).Sha256);
        Assert.Equal(0.4, ensemble.Metadata.Threshold, 1e-12);
    }

    [Fact]
    public void What_was_fitted_without_flips_is_no_confidence_with_them_and_nothing_holds_for_several_weights()
    {
        LesionCalibration calibration = new() { Intercept = 0.5, Slope = 2, Lesions = 40 };
        PresenceThreshold presence = new() { Score = 1.5, Specificity = 0.95, HealthyImages = 60 };
        LoadedWeights one = With(Weights("a", 1));
        LoadedWeights other = With(Weights("b", 2));
        Assert.Equal((calibration, presence), Of([one], flips: false));
        Assert.Equal((null, presence), Of([one], flips: true));
        Assert.Equal((null, null), Of([one, other], flips: false));
        Assert.Equal((null, null), Of([one, other], flips: true));

        LesionCalibration flat = calibration with { Slope = 1 };
        PresenceThreshold low = presence with { Score = 0.5 };
        LoadedWeights fitted = With(Weights("a", 1), flat, low);
        Assert.Equal((calibration, presence), Of([fitted], flips: false));
        Assert.Equal((flat, low), Of([fitted], flips: true));
        Assert.Equal((flat, presence), Of([With(Weights("a", 1), flat)], flips: true));
        LoadedWeights[] two = [fitted, With(Weights("b", 2), flat, low)];
        Assert.Equal((null, null), Of(two, flips: true));
        Assert.Null(new Ensemble(two).Metadata.PresenceWithFlips);
        Assert.Null(new Ensemble(two).Metadata.CalibrationWithFlips);

        LoadedWeights With(
            LoadedWeights weights, LesionCalibration? calibrationWithFlips = null, PresenceThreshold? presenceWithFlips = null)
        {
            WeightsMetadata metadata = weights.Metadata! with
            {
                Calibration = calibration,
                Presence = presence,
                CalibrationWithFlips = calibrationWithFlips,
                PresenceWithFlips = presenceWithFlips,
            };
            return new LoadedWeights(weights.Path, weights.State, metadata, default);
        }

        static (LesionCalibration? Calibration, PresenceThreshold? Presence) Of(LoadedWeights[] members, bool flips)
        {
            WeightsMetadata metadata = new Ensemble(members, flips).Metadata;
            return (metadata.CalibrationAt(metadata.Threshold), metadata.Presence);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_number_of_threads_below_1_is_the_callers_fault_and_not_the_files(int threads)
    {
        Ensemble ensemble = new([Weights("a", 1)]);
        Action[] all =
        [
            () => ensemble.Open(threads: threads),
            () => ensemble.OpenFor(3, null, threads, "cpu"),
            () => BackendRegistry.Open(ensemble.Members[0], threads: threads),
        ];
        Assert.All(all, open => Assert.Equal("threads", Assert.Throws<ArgumentOutOfRangeException>(open).ParamName));
    }

    [Theory]
    [InlineData(true, true, 4)]
    [InlineData(false, false, 2)]
    [InlineData(true, false, 2)]
    public void Flips_are_those_that_the_training_of_all_weights_showed(bool first, bool second, int views)
    {
        LoadedWeights[] members = [Weights("a", 1, verticalFlips: first), Weights("b", 2, verticalFlips: second)];
        float[] image = [.. Enumerable.Range(0, 3 * Plane).Select(i => (i % 29) / 29f)];
        (bool LeftRight, bool TopBottom)[] flips = [(false, false), (true, false), (false, true), (true, true)];
        List<double[]> seen = [];
        foreach (LoadedWeights member in members)
        {
            using Network single = new Ensemble([member]).Open(threads: 1);
            seen.AddRange(flips.Take(views).Select(flip => Flip(
                Probabilities(single.Forward(Flip(image, flip.LeftRight, flip.TopBottom), 1, Height, Width), 1),
                flip.LeftRight, flip.TopBottom)));
        }

        using Network network = new Ensemble(members, flips: true).Open(threads: 1);
        double[] expected = Mean([.. seen]);
        Assert.Equal(expected, Probabilities(network.Forward(image, 1, Height, Width), 1), (e, a) => Math.Abs(e - a) < 1e-6);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_segmenter_with_flips_finds_what_the_ensemble_does(bool verticalFlips)
    {
        LoadedWeights weights = Weights("a", 1, verticalFlips: verticalFlips);
        PresenceThreshold fitted = new() { Score = 1000, Specificity = 0.9, HealthyImages = 20 };
        weights = new LoadedWeights(
            weights.Path, weights.State, weights.Metadata! with { PresenceWithFlips = fitted }, default);
        byte[] pixels = new byte[3 * 40 * 30];
        new Random(5).NextBytes(pixels);
        Image image = new(40, 30, 3, pixels);
        using Network network = new Ensemble([weights], flips: true).Open(threads: 1);
        using Segmenter expected = new(network, weights.Metadata!.Preprocessing, presence: fitted);
        using Segmenter segmenter = Segmenter.Load(weights, new SegmenterOptions { Threads = 1, Flips = true });
        using Segmenter plain = Segmenter.Load(weights, new SegmenterOptions { Threads = 1 });
        Segmentation found = segmenter.Segment(image);
        Assert.Equal(expected.Segment(image).Probabilities[0], found.Probabilities[0]);
        Assert.NotEqual(plain.Segment(image).Probabilities[0], found.Probabilities[0]);
        Assert.Equal((fitted, null), (found.PresenceThreshold, plain.Segment(image).PresenceThreshold));
    }

    [Fact]
    public void Weights_that_see_images_otherwise_are_refused_by_name()
    {
        LoadedWeights other = Weights("other", 3, Preprocessing.Published with { Order = ChannelOrder.Rgb, Width = 32, Height = 32 });
        string message = Assert.Throws<BadFileException>(() => new Ensemble([Weights("a", 1), other])).Message;
        Assert.StartsWith(other.Path, message, StringComparison.Ordinal);
        Assert.Contains("has another preprocessing than", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "benign", "malignant")]
    [InlineData(true)]
    [InlineData(false, "malignant", "benign")]
    public void Weights_of_other_classes_are_refused(bool isSame, params string[] classes)
    {
        LoadedWeights first = Named("benign", "malignant");
        LoadedWeights second = Named(classes);

        // Weights without names before them change nothing.
        Assert.All((LoadedWeights[][])[[first, second], [Named(), first, second]], members =>
        {
            if (isSame)
            {
                Assert.Equal(["benign", "malignant"], new Ensemble(members).Metadata.Classes);
                return;
            }

            string message = Assert.Throws<BadFileException>(() => new Ensemble(members)).Message;
            Assert.Contains("has other classes", message, StringComparison.Ordinal);
        });

        LoadedWeights Named(params string[] names)
        {
            LoadedWeights one = Weights("one", 1);
            NetworkDescription network = one.Metadata!.Network with { Outputs = 3 };
            return new LoadedWeights(
                one.Path, Initialization.Create(CMUNeXtLayers.Of(network.Configuration!, 3, 3), 1),
                one.Metadata with { Network = network, Classes = names }, default);
        }
    }

    [Fact]
    public void One_class_is_the_same_by_any_name()
    {
        LoadedWeights[] members = [.. new[] { "lesion", "nodule" }.Select(name =>
        {
            LoadedWeights one = Weights(name, 1);
            return new LoadedWeights(one.Path, one.State, one.Metadata! with { Classes = [name] }, default);
        })];
        Assert.Equal(2, new Ensemble(members).Members.Count);
    }

    private static FakeNetwork Fake(int outputs, Func<float[], float[]> compute) => new(1, outputs, "cmunext-s", compute);

    private static float[] Logits(int outputs, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, outputs * Plane).Select(_ => (float)((12 * random.NextDouble()) - 6))];
    }

    private static void AssertProbabilities(double[] expected, Network network, int outputs, float[]? image = null)
    {
        float[] logits = new float[outputs * Plane];
        network.Forward(image ?? new float[Plane], 1, Height, Width, logits);
        Assert.Equal(expected, Probabilities(logits, outputs), (e, a) => Math.Abs(e - a) < 1e-6);
    }

    // In double precision, by the formulas themselves.
    private static double[] Probabilities(float[] logits, int outputs)
    {
        int plane = logits.Length / outputs;
        return outputs == 1
            ? [.. logits.Select(logit => 1 / (1 + Math.Exp(-(double)logit)))]
            : [.. logits.Select((logit, i) =>
                Math.Exp(logit) / Enumerable.Range(0, outputs).Sum(c => Math.Exp(logits[(c * plane) + (i % plane)])))];
    }

    private static double[] Mean(double[][] members) => [.. members[0].Select((_, i) => members.Average(member => member[i]))];

    private static T[] Flip<T>(T[] planes, bool leftRight, bool topBottom, int width = Width, int height = Height) =>
    [
        .. planes.Select((_, i) =>
        {
            (int x, int y, int first) = (i % width, i / width % height, i / (width * height) * width * height);
            return planes[first + ((topBottom ? height - 1 - y : y) * width) + (leftRight ? width - 1 - x : x)];
        }),
    ];

    private LoadedWeights Weights(string name, ulong seed, Preprocessing? preprocessing = null, bool verticalFlips = true)
    {
        // Narrower ones begin with a last layer that is the same for every image.
        NetworkDescription network = new()
        {
            Name = "cmunext-s",
            Channels = 3,
            Configuration = new([8, 8, 8, 8, 8], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]),
        };
        StateDict state = Initialization.Create(CMUNeXtLayers.Of(network.Configuration!, 3, 1), seed);
        string path = folder.File($"{name}.safetensors");
        WeightsFile.Save(path, state, new WeightsMetadata
        {
            Network = network,
            Preprocessing = preprocessing ?? (Preprocessing.Published with { Width = 32, Height = 32 }),
            Threshold = 0.3 + (0.1 * (seed - 1) * 2),
            VerticalFlips = verticalFlips,
        });
        return WeightsFile.Load(path);
    }
}
