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
    private static readonly LoadedWeights Weights =
        WeightsFile.Load(Repository.Path("src", "CMUNeXt.Pretrained", "breast-ultrasound.safetensors"));

    // Phantoms in which the network finds a lesion: a mask of nothing would agree with much.
    public static MatrixTheoryData<int, InstructionSet> Cases => new([0, 2, 4, 7], Enum.GetValues<InstructionSet>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_engine_is_as_near_to_float64_as_libtorch_and_gives_its_mask(int phantom, InstructionSet instructions)
    {
        Assert.SkipUnless(InstructionSets.IsSupported(instructions), $"This machine does not have {instructions}.");
        WeightsMetadata metadata = Weights.Describe();
        float[] input = Input(PhantomGenerator.Create(1, phantom).Image, metadata.Preprocessing);
        using TorchNetwork libtorch = new(metadata.Network, Weights.State);
        using ManagedNetwork managed = new(metadata.Network, Weights.State, threads: null, instructions: instructions);
        double[] exact = Float64(metadata, input);
        float[] logits = Forward(managed, metadata.Preprocessing, input);

        Assert.InRange(LargestError(exact, logits), 0, 2 * LargestError(exact, Forward(libtorch, metadata.Preprocessing, input)));
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

    private static double[] Float64(WeightsMetadata metadata, float[] input)
    {
        using IDisposable noGradients = inference_mode();
        using IDisposable scope = NewDisposeScope();
        using Module<Tensor, Tensor> module = TorchModules.Create(metadata.Network);
        TorchModules.Load(TorchModules.Tensors(module), Weights.State);
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
