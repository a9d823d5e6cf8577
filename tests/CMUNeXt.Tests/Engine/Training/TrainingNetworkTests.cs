using System.Text.Json;
using CMUNeXt.Engine.Training;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Engine.Training;

/// <summary>
/// Whole steps against the plain network in double precision. Through a whole network a value here and there falls on the other side of a
/// ReLU's zero, or of a maximum, and normalizations over a few values at the lowest level make rounding large. How large, the plain network
/// shows where each value that it keeps is rounded: to 20 bits and not to the 24 of float32, since the sums and transforms of a convolution
/// by Winograd cost that much. The engine may not be further from the exact network than twice that. Gradients jump at each such zero, so
/// that they are held to what no wrong term would stay within: each tensor's to 15 %, their median to 5 %.
/// </summary>
public sealed class TrainingNetworkTests(ITestOutputHelper output)
{
    private static readonly SegmentationLoss Published = new(0.5, 1);
    private static readonly SegmentationLoss Recipe = new(1, 1, WholeBatch: true, HealthyPixels: 0.05, Presence: 0.3);

    // Channels that fill no block of 8, one block, an odd number of blocks; every kernel size in use; blocks in a row; sides of one pixel
    // at the lowest level and of odd numbers; one channel; one image.
    private static readonly Dictionary<string, Lazy<Case>> Cases = new()
    {
        ["small"] = Make(new([8, 16, 32, 64, 128], [1, 1, 1, 1, 1], [3, 3, 7, 7, 9]), 3, 1, Published, 2, 48, 32),
        ["recipe"] = Make(new([8, 16, 24, 8, 40], [1, 1, 2, 1, 1], [3, 3, 7, 7, 9]), 3, 1, Recipe, 4, 32, 48),
        ["odd sides"] = Make(new([3, 9, 24, 40, 17], [1, 2, 3, 1, 2], [1, 3, 5, 7, 9]), 1, 3, Published, 1, 80, 48),
        ["few channels"] = Make(new([5, 4, 3, 2, 1], [2, 1, 1, 1, 1], [9, 7, 5, 3, 1]), 2, 9, Published, 2, 16, 112),
        ["many channels"] = Make(new([33, 17, 16, 16, 8], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]), 3, 1, Published, 6, 16, 16),
    };

    public static TheoryData<string, InstructionSet, int> Each =>
    [
        .. from name in Cases.Keys
           from instructions in Enum.GetValues<InstructionSet>()
           from threads in (int[])[1, 2]
           select (name, instructions, threads),
    ];

    [Theory]
    [MemberData(nameof(Each))]
    public void A_step_computes_what_the_plain_network_does(string name, InstructionSet instructions, int threads)
    {
        Assert.SkipUnless(InstructionSets.IsSupported(instructions), $"This machine does not have {instructions}.");
        Case given = Cases[name].Value;
        using TrainingNetwork network = new(given.Network, given.State, given.Loss, new MomentumOptimizer(0.9, 0), threads, instructions);
        float[] logits = new float[given.Exact.Logits.Length];
        double loss = network.Iterate(given.Input, given.Target, given.Images, given.Height, given.Width, 0, logits);
        StateDict after = network.Tensors.Copy();

        Compare("loss", [given.Exact.Loss], [given.Rounded.Loss], [loss]);
        Compare("logits", given.Exact.Logits, given.Rounded.Logits, Doubles(logits));
        string[] running = [.. given.Exact.Running.Keys];
        Compare("running statistics", All(given.Exact.Running), All(given.Rounded.Running),
            [.. running.SelectMany(tensor => Doubles(after[tensor].ToSingles()))]);
        double[] All(Dictionary<string, double[]> statistics) => [.. running.SelectMany(tensor => statistics[tensor])];
        double[] distances = [.. given.Exact.Gradients.Where(tensor => Norm(tensor.Value) > 1e-6)
            .Select(tensor => Distance(tensor.Value, Gradient(network.Tensors[tensor.Key]))).Order()];
        double median = distances[distances.Length / 2];
        output.WriteLine($"gradients: {median:0.0e0} from the plain network in the median of all tensors, {distances[^1]:0.0e0} at most");
        Assert.InRange(median, 0, 0.05);
        Assert.InRange(distances[^1], 0, 0.15);

        void Compare(string what, double[] exact, double[] rounded, double[] actual)
        {
            (double distance, double rounding) = (Distance(exact, actual), Distance(exact, rounded));
            output.WriteLine($"{what}: {distance:0.0e0} from the plain network, whose rounding alone makes {rounding:0.0e0}");
            Assert.InRange(distance, 0, 1e-5 + (2 * rounding));
        }
    }

    [Fact]
    public void The_first_iteration_is_that_of_the_original_code()
    {
        const int Images = 4;
        const int Size = 64;
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Golden.PathOf("training", "cmunext_s_20_steps.json")));
        double expectedLoss = golden.RootElement.GetProperty("steps")[0].GetProperty("loss").GetDouble();
        float[] expectedLogits = Golden.Samples("training", "cmunext_s_logits_train_mode.npy");
        NetworkDescription description = Golden.Describe("cmunext_s");
        StateDict state = Golden.Fill("cmunext_s");
        float[] input = Formula.Input(5000, Images * 3 * Size * Size);
        byte[] target = Array.ConvertAll(Formula.Input(6000, Images * Size * Size), v => v > 0.3f ? (byte)1 : (byte)0);

        using TrainingNetwork network = new(description, state, Published, new MomentumOptimizer(0.9, 1e-4));
        float[] logits = new float[target.Length];
        Assert.Equal(expectedLoss, network.Iterate(input, target, Images, Size, Size, 0.01, logits), 1e-6);
        PlainTrainingNetwork plain = new(description, state, Published, input, target, Images, Size, Size);
        Assert.Equal(expectedLoss, plain.Loss, 1e-6);

        // The original is float32 itself: normalization over 64 values at the lowest level costs 1.3e-4.
        Assert.InRange(Golden.RelativeDifference(expectedLogits, Golden.Sample(Array.ConvertAll(plain.Logits, v => (float)v))), 0, 2e-4);
        Assert.InRange(Golden.RelativeDifference(expectedLogits, Golden.Sample(logits)), 0, 3e-4);
    }

    private static Lazy<Case> Make(
        CMUNeXtConfiguration configuration, int channels, int outputs, SegmentationLoss loss, int images, int height, int width) =>
        new(() => new Case(
            new() { Name = "cmunext", Channels = channels, Outputs = outputs, Configuration = configuration }, loss, images, height,
            width));

    private static unsafe double[] Gradient(Parameter parameter) =>
        Doubles(new ReadOnlySpan<float>(parameter.Gradient, parameter.Count).ToArray());

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, static v => (double)v);

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    private static double Distance(double[] expected, double[] actual) => Norm([.. expected.Zip(actual, (a, b) => a - b)]) / Norm(expected);

    private sealed class Case
    {
        public Case(NetworkDescription network, SegmentationLoss loss, int images, int height, int width)
        {
            (Network, Loss, Images, Height, Width) = (network, loss, images, height, width);
            State = SampleNetwork.Weights(network);
            Input = Formula.Input(7, (long)images * network.Channels * height * width);

            // The first image is healthy.
            int pixels = height * width;
            Target = [.. Formula.Input(8, images * pixels).Select((v, i) =>
                images > 1 && i < pixels ? (byte)0 : (byte)((v + 1) / 2 * Math.Max(network.Outputs, 2)))];
            PlainTrainingNetwork[] plain = [.. new Func<double, double>?[] { null, To20Bits }.AsParallel().AsOrdered().Select(round =>
                new PlainTrainingNetwork(network, State, loss, Input, Target, images, height, width, round))];
            (Exact, Rounded) = (plain[0], plain[1]);
        }

        // A factor of 2^33 + 1 makes the lower 33 of 53 bits cancel (Veltkamp, 1968).
        private static double To20Bits(double v)
        {
            double scaled = v * ((1L << 33) + 1);
            return scaled - (scaled - v);
        }

        public NetworkDescription Network { get; }

        public SegmentationLoss Loss { get; }

        public int Images { get; }

        public int Height { get; }

        public int Width { get; }

        public StateDict State { get; }

        public float[] Input { get; }

        public byte[] Target { get; }

        public PlainTrainingNetwork Exact { get; }

        public PlainTrainingNetwork Rounded { get; }
    }
}
