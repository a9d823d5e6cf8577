using System.Globalization;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Images;
using CMUNeXt.Tests;
using CMUNeXt.Torch.Networks;
using CMUNeXt.Training.Phantoms;
using CMUNeXt.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Tests;

/// <summary>
/// A trained network on images: how far the managed engine is from float64, where libtorch's own float32 says what rounding costs.
/// </summary>
public sealed class AccuracyTests
{
    // By the published protocol; those that ship see images in another range, and are held to a stated error below.
    private static readonly LoadedWeights Published =
        WeightsFile.Load(Repository.Path("docs", "notebook", "results", "cmunext-s-busi-split2.safetensors"));

    private static readonly LoadedWeights Shipped =
        WeightsFile.Load(Repository.Path("src", "CMUNeXt.Pretrained", "breast-ultrasound.safetensors"));

    // Phantoms in which the networks find a lesion: a mask of nothing would agree with much.
    public static MatrixTheoryData<int, InstructionSet> Cases => new([0, 2, 4, 7], Enum.GetValues<InstructionSet>());

    public static MatrixTheoryData<int, InstructionSet> ShippedCases => new([0, 2, 5, 7], Enum.GetValues<InstructionSet>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_engine_is_as_near_to_float64_as_libtorch_and_gives_its_mask(int phantom, InstructionSet instructions)
    {
        (double[] exact, float[] logits, float[] libtorch) = Compute(Published, phantom, instructions);
        Assert.InRange(LargestError(exact, logits), 0, 2 * LargestError(exact, libtorch));
        Tell(exact, ("managed", logits), ("libtorch", libtorch));
        CheckMask(exact, logits);
    }

    [Theory]
    [MemberData(nameof(ShippedCases))]
    public void The_shipped_weights_logits_are_within_1e_5_of_the_largest(int phantom, InstructionSet instructions)
    {
        (double[] exact, float[] logits, _) = Compute(Shipped, phantom, instructions);
        Assert.InRange(LargestError(exact, logits) / exact.Max(Math.Abs), 0, 1e-5);
        Tell(exact, ("managed", logits));
        CheckMask(exact, logits);
    }

    private static (double[] Exact, float[] Logits, float[] Libtorch) Compute(
        LoadedWeights weights, int phantom, InstructionSet instructions)
    {
        Assert.SkipUnless(InstructionSets.IsSupported(instructions), $"This machine does not have {instructions}.");
        WeightsMetadata metadata = weights.Describe();
        float[] input = Input(PhantomGenerator.Create(1, phantom).Image, metadata.Preprocessing);
        using TorchNetwork libtorch = new(metadata.Network, weights.State);
        using ManagedNetwork managed = new(metadata.Network, weights.State, threads: null, instructions: instructions);
        Preprocessing size = metadata.Preprocessing;
        return (Float64(weights, input), Forward(managed, size, input), Forward(libtorch, size, input));
    }

    // Shown by --output Detailed.
    private static void Tell(double[] exact, params (string Engine, float[] Logits)[] computed)
    {
        double largest = exact.Max(Math.Abs);
        IEnumerable<string> errors = computed.Select(one => string.Create(
            CultureInfo.InvariantCulture, $"{one.Engine} {LargestError(exact, one.Logits) / largest:0.0e-0}"));
        TestContext.Current.TestOutputHelper!.WriteLine($"of the largest logit: {string.Join(", ", errors)}");
    }

    private static void CheckMask(double[] exact, float[] logits)
    {
        double[] probabilities = Array.ConvertAll(exact, Sigmoid);
        Assert.Contains(probabilities, p => p > 0.5);
        Assert.Contains(probabilities, p => p < 0.5);
        Assert.DoesNotContain(
            probabilities.Zip(logits), pixel => Math.Abs(pixel.First - 0.5) > 1e-4 && pixel.First > 0.5 != Sigmoid(pixel.Second) > 0.5);
    }

    private static float[] Input(Image image, Preprocessing preprocessing)
    {
        float[] input = new float[preprocessing.Channels * preprocessing.Height * preprocessing.Width];
        preprocessing.Apply(image, input);
        return input;
    }

    private static float[] Forward(CMUNeXt.Networks.Network network, Preprocessing preprocessing, float[] input) =>
        network.Forward(input, 1, preprocessing.Height, preprocessing.Width);

    private static double[] Float64(LoadedWeights weights, float[] input)
    {
        WeightsMetadata metadata = weights.Describe();
        using IDisposable noGradients = inference_mode();
        using IDisposable scope = NewDisposeScope();
        using Module<Tensor, Tensor> module = TorchModules.Create(metadata.Network);
        TorchModules.Load(TorchModules.Tensors(module), weights.State);
        module.to(ScalarType.Float64);
        module.eval();
        Preprocessing size = metadata.Preprocessing;
        Tensor images = tensor(input).reshape(1, size.Channels, size.Height, size.Width).to_type(ScalarType.Float64);
        return module.call(images).contiguous().data<double>().ToArray();
    }

    private static double LargestError(double[] exact, float[] logits)
    {
        Assert.Equal(exact.Length, logits.Length);
        return exact.Zip(logits, (e, l) => Math.Abs(e - l)).Max();
    }

    private static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));
}
