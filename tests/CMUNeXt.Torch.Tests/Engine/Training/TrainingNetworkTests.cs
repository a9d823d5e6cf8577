using CMUNeXt.Backends;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Torch.Native;
using CMUNeXt.Torch.Networks;
using CMUNeXt.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Tests.Engine.Training;

/// <summary>
/// A whole step against autograd in double precision. Layer by layer the gradients are close (<see cref="LayerTests"/>); through a whole
/// network in float32 a value here and there falls on the other side of a ReLU's zero, or of a maximum, and the normalizations over a few
/// values at the lowest level make rounding large. How large, libtorch's own float32 shows, which with one thread and with two rounds
/// differently: ours may not be further from float64 than the further of both.
/// </summary>
public sealed class TrainingNetworkTests(ITestOutputHelper output)
{
    public static TheoryData<InstructionSet> InstructionSets => [.. Enum.GetValues<InstructionSet>()];

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Gradients_are_those_of_autograd(InstructionSet instructions)
    {
        Assert.SkipUnless(CMUNeXt.Engine.Vectors.InstructionSets.IsSupported(instructions), $"This machine does not have {instructions}.");

        // Channels that fill no channel block, one channel block, an odd number of channel blocks; every kernel size in use; blocks in a
        // row; sides of one pixel at the lowest level and of odd numbers; one channel; one image.
        Check(new([8, 16, 24, 8, 40], [1, 1, 2, 1, 1], [3, 3, 7, 7, 9]), channels: 3, outputs: 1, batch: 4, height: 48, width: 80,
            instructions);
        Check(new([3, 9, 24, 40, 17], [1, 2, 3, 1, 2], [1, 3, 5, 7, 9]), channels: 1, outputs: 3, batch: 1, height: 144, width: 80,
            instructions);
        Check(new([5, 4, 3, 2, 1], [2, 1, 1, 1, 1], [9, 7, 5, 3, 1]), channels: 2, outputs: 9, batch: 2, height: 16, width: 272,
            instructions);
        Check(new([33, 17, 16, 16, 8], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]), channels: 3, outputs: 1, batch: 12, height: 16, width: 16,
            instructions);
    }

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Results_do_not_depend_on_the_number_of_threads(InstructionSet instructions)
    {
        Assert.SkipUnless(CMUNeXt.Engine.Vectors.InstructionSets.IsSupported(instructions), $"This machine does not have {instructions}.");
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict expected = Train(1);
        foreach (int threads in (int[])[2, 3])
        {
            StateDict actual = Train(threads);
            Assert.All(expected,
                tensor => Assert.True(tensor.Data.Span.SequenceEqual(actual[tensor.Name].Data.Span), $"{tensor.Name} differs"));
        }

        // A smaller batch in between uses a part of the memory.
        StateDict Train(int threads)
        {
            using TrainingNetwork network = new(
                description, SampleNetwork.Weights(description), new SegmentationLoss(0.5, 1), new MomentumOptimizer(0.9, 1e-4), threads,
                instructions);
            foreach (int images in (int[])[3, 2, 3])
            {
                network.Iterate(
                    Formula.Input(1, (long)images * 3 * 64 * 48), Target(images * 64 * 48, 2), images, 64, 48, 0.01,
                    new float[images * 64 * 48]);
            }

            return network.Tensors.Copy();
        }
    }

    [Fact]
    public void A_smaller_batch_after_a_larger_one_is_computed_as_if_it_were_alone()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        float[] logits = new float[2 * 32 * 32];
        float[] expected = new float[2 * 32 * 32];
        using TrainingNetwork fresh = new(
            description, SampleNetwork.Weights(description), new SegmentationLoss(0.5, 1), new MomentumOptimizer(0, 0), 2);
        using TrainingNetwork used = new(
            description, SampleNetwork.Weights(description), new SegmentationLoss(0.5, 1), new MomentumOptimizer(0, 0), 2);
        used.Iterate(Formula.Input(2, 5 * 3 * 32 * 32), Target(5 * 32 * 32, 2), 5, 32, 32, 0, new float[5 * 32 * 32]);
        double loss = used.Iterate(Formula.Input(3, 2 * 3 * 32 * 32), Target(2 * 32 * 32, 2), 2, 32, 32, 0, logits);
        Assert.Equal(fresh.Iterate(Formula.Input(3, 2 * 3 * 32 * 32), Target(2 * 32 * 32, 2), 2, 32, 32, 0, expected), loss);
        Assert.Equal(expected, logits);
        Assert.All(fresh.Tensors.All, parameter => Assert.Equal(Layout.Gradient(parameter), Layout.Gradient(used.Tensors[parameter.Name])));
    }

    [Fact]
    public void What_cannot_be_trained_on_is_refused()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using TrainingNetwork network = new(
            description, SampleNetwork.Weights(description), new SegmentationLoss(0.5, 1), new MomentumOptimizer(0.9, 0), 1);
        Assert.Contains("multiples of 16", Assert.Throws<ArgumentException>(() => Step(1, 40, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("more than one value", Assert.Throws<ArgumentException>(() => Step(1, 16, 0)).Message, StringComparison.Ordinal);
        Assert.Contains("no class 2", Assert.Throws<ArgumentException>(() => Step(2, 16, 2)).Message, StringComparison.Ordinal);
        Assert.True(double.IsFinite(Step(2, 16, 1)));
        Assert.Throws<PlatformNotSupportedException>(() => new TrainingNetwork(
            description, SampleNetwork.Weights(description), new SegmentationLoss(0.5, 1), new MomentumOptimizer(0.9, 0), 1,
            (InstructionSet)7));

        double Step(int images, int size, byte label)
        {
            byte[] target = new byte[images * size * size];
            target[^1] = label;
            return network.Iterate(Formula.Input(1, 3L * target.Length), target, images, size, size, 0, new float[target.Length]);
        }
    }

    private void Check(
        CMUNeXtConfiguration configuration, int channels, int outputs, int batch, int height, int width, InstructionSet instructions)
    {
        NetworkDescription description = new() { Name = "cmunext", Channels = channels, Outputs = outputs, Configuration = configuration };
        StateDict state = SampleNetwork.Weights(description);
        float[] input = Formula.Input(7, (long)batch * channels * height * width);
        byte[] target = Target(batch * height * width, outputs);
        using TrainingNetwork network = new(
            description, state, new SegmentationLoss(0.5, 1), new MomentumOptimizer(0.9, 0), threads: 2, instructions);
        float[] logits = new float[batch * outputs * height * width];
        double loss = network.Iterate(input, target, batch, height, width, 0, logits);

        using IDisposable scope = NewDisposeScope();
        (double exactLoss, float[] exactLogits, Dictionary<string, float[]> exact, Dictionary<string, float[]> buffers) = Autograd(
            ScalarType.Float64, 1);
        (double Loss, float[] Logits, Dictionary<string, float[]> Gradients, Dictionary<string, float[]> Buffers)[] singles =
            [Autograd(ScalarType.Float32, 1), Autograd(ScalarType.Float32, 2)];
        Assert.InRange(
            Math.Abs(loss - exactLoss) / exactLoss, 0, 2e-6 + (5 * singles.Max(single => Math.Abs(single.Loss - exactLoss)) / exactLoss));
        Assert.InRange(Distance(exactLogits, logits), 0, 1e-5 + (5 * singles.Max(single => Distance(exactLogits, single.Logits))));
        StateDict after = network.Tensors.Copy();
        Assert.All(buffers, buffer => Assert.InRange(Distance(buffer.Value, after[buffer.Key].ToSingles()), 0, 1e-4));

        // Of all parameters together, so that those whose gradient is rounding alone do not count.
        string[] names = [.. exact.Keys];
        float[] All(Func<string, float[]> gradient) => [.. names.SelectMany(name =>
        {
            double scale = Math.Max(1e-6, Norm(exact[name]));
            return gradient(name).Select(v => (float)(v / scale));
        })];
        double ours = Distance(All(name => exact[name]), All(name => Layout.Gradient(network.Tensors[name])));
        double theirs = singles.Max(single => Distance(All(name => exact[name]), All(name => single.Gradients[name])));
        output.WriteLine(
            $"gradients: {ours:0.0e0} from float64, libtorch's float32 {theirs:0.0e0}; loss {Math.Abs(loss - exactLoss):0.0e0}");
        Assert.InRange(ours, 0, 1e-3 + (2 * theirs));

        (double Loss, float[] Logits, Dictionary<string, float[]> Gradients, Dictionary<string, float[]> Buffers) Autograd(
            ScalarType type, int threads)
        {
            TorchDevice.Open("cpu", threads);
            using Module<Tensor, Tensor> module = TorchModules.Create(description);
            TorchModules.Load(TorchModules.Tensors(module), state);
            module.to(type);
            module.train();
            Tensor result = module.call(tensor(input).reshape(batch, channels, height, width).to_type(type));
            Tensor value = Losses.Compute(
                new TrainableSettings(), result, tensor(target).reshape(batch, height, width).to_type(ScalarType.Int64), []);
            value.backward();
            return (
                value.to_type(ScalarType.Float64).item<double>(),
                Layout.Singles(result),
                module.named_parameters()
                    .ToDictionary(p => p.name, p => p.parameter.grad is { } g ? Layout.Singles(g) : new float[p.parameter.numel()]),
                module.named_buffers().ToDictionary(b => b.name, b => Layout.Singles(b.buffer)));
        }
    }

    private static byte[] Target(int pixels, int outputs) =>
        Array.ConvertAll(Formula.Input(8, pixels), v => (byte)((v + 1) / 2 * Math.Max(outputs, 2)));

    private static double Norm(float[] values) => Math.Sqrt(values.Sum(v => (double)v * v));

    private static double Distance(float[] expected, float[] actual) =>
        Math.Sqrt(expected.Zip(actual, (a, b) => ((double)a - b) * ((double)a - b)).Sum()) / Norm(expected);
}
