using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Backends;

public sealed class EnsembleTests : IDisposable
{
    private const int Width = 32;
    private const int Height = 16;
    private const int Plane = Width * Height;

    private readonly string folder = Directory.CreateTempSubdirectory("cmunext").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

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
    public void Where_all_are_sure_the_logits_stay_finite()
    {
        float[] sure = [.. Enumerable.Repeat(2000f, Plane / 2), .. Enumerable.Repeat(-2000f, Plane / 2)];
        using EnsembleNetwork ensemble = new([Fake(1, _ => sure), Fake(1, _ => sure)], leftRight: false, topBottom: false);
        float[] logits = ensemble.Forward(new float[Plane], 1, Height, Width);
        Assert.All(logits[..(Plane / 2)], logit => Assert.InRange(logit, 700, 800));
        Assert.All(logits[(Plane / 2)..], logit => Assert.InRange(logit, -800, -700));
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

    [Fact]
    public void Weights_that_see_images_otherwise_are_refused_by_name()
    {
        LoadedWeights other = Weights("other", 3, Preprocessing.Published with { Order = ChannelOrder.Rgb, Width = 32, Height = 32 });
        string message = Assert.Throws<BadFileException>(() => new Ensemble([Weights("a", 1), other])).Message;
        Assert.StartsWith(other.Path, message, StringComparison.Ordinal);
        Assert.Contains("sees images otherwise than", message, StringComparison.Ordinal);
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

    private static T[] Flip<T>(T[] planes, bool leftRight, bool topBottom) =>
    [
        .. planes.Select((_, i) =>
        {
            (int x, int y, int plane) = (i % Width, i / Width % Height, i / Plane);
            return planes[(plane * Plane) + ((topBottom ? Height - 1 - y : y) * Width) + (leftRight ? Width - 1 - x : x)];
        }),
    ];

    private LoadedWeights Weights(string name, ulong seed, Preprocessing? preprocessing = null, bool verticalFlips = true)
    {
        NetworkDescription network = new()
        {
            Name = "cmunext-s", Channels = 3, Configuration = new([2, 2, 4, 4, 4], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]),
        };
        StateDict state = Initialization.Create(CMUNeXtLayers.Of(network.Configuration!, 3, 1), seed);
        string path = Path.Combine(folder, $"{name}.safetensors");
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
