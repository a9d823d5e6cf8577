using CMUNeXt.Networks;
using CMUNeXt.OnnxRuntime;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;

namespace CMUNeXt.Onnx.Tests;

public class OnnxRuntimeNetworkTests
{
    [Theory]
    [InlineData("cmunext_s")]
    [InlineData("cmunext_s_gray_4class")]
    public void Logits_equal_the_originals(string name)
    {
        using OnnxRuntimeNetwork network = new(Golden.Describe(name), Golden.Fill(name), threads: 2);
        Golden.AssertComputes(name, network);
        Assert.Equal("onnxruntime", network.Backend);
    }

    [Fact]
    public void A_size_that_is_no_multiple_of_16_is_padded_with_zeros_on_the_right_and_below()
    {
        NetworkDescription description = SmallNetwork.Describe(channels: 5, outputs: 2);
        using OnnxRuntimeNetwork network = new(description, SmallNetwork.Weights(description), threads: 1);
        float[] input = Formula.Input(1, 5 * 20 * 30);
        float[] padded = new float[5 * 32 * 32];
        for (int row = 0; row < 5 * 20; row++)
        {
            input.AsSpan(row * 30, 30).CopyTo(padded.AsSpan((((row / 20) * 32) + (row % 20)) * 32));
        }

        float[] expected = network.Forward(padded, 1, 32, 32);
        float[] actual = network.Forward(input, 1, 20, 30);
        for (int row = 0; row < 2 * 20; row++)
        {
            Assert.Equal(expected.AsSpan((((row / 20) * 32) + (row % 20)) * 32, 30), actual.AsSpan(row * 30, 30));
        }
    }

    [Fact]
    public void Weights_of_half_precision_compute_as_their_float32_values()
    {
        NetworkDescription description = SmallNetwork.Describe();
        StateDict half = new(SmallNetwork.Weights(description).Select(tensor => tensor.Type == ElementType.Int64
            ? tensor
            : new WeightTensor(
                tensor.Name, ElementType.Float16, tensor.Shape,
                tensor.ToSingles().SelectMany(v => BitConverter.GetBytes((Half)v)).ToArray())));
        StateDict single = new(half.Select(
            tensor => tensor.Type == ElementType.Int64 ? tensor : new WeightTensor(tensor.Name, tensor.Shape, tensor.ToSingles())));
        using OnnxRuntimeNetwork fromHalf = new(description, half, threads: 1);
        using OnnxRuntimeNetwork fromSingle = new(description, single, threads: 1);
        float[] input = Formula.Input(1, 3 * 16 * 16);
        Assert.Equal(fromSingle.Forward(input, 1, 16, 16), fromHalf.Forward(input, 1, 16, 16));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void A_prepared_call_computes_what_forward_does(bool fold, bool spin)
    {
        NetworkDescription description = SmallNetwork.Describe(channels: 3, outputs: 2);
        using OnnxRuntimeNetwork network = new(
            description, SmallNetwork.Weights(description), threads: 2, new OnnxExportOptions { Opset = 17, FoldNormalization = fold },
            spin);
        float[] input = Formula.Input(1, 2 * 3 * 32 * 48);
        using PreparedCall call = network.Prepare(input, 2, 32, 48);
        call.Run();
        call.Run();
        Assert.Equal(network.Forward(input, 2, 32, 48), call.CopyLogits());
        Assert.StartsWith("ONNX Runtime 1.", network.Engine, StringComparison.Ordinal);
    }

    [Fact]
    public void Calls_after_the_end_are_refused()
    {
        NetworkDescription description = SmallNetwork.Describe();
        OnnxRuntimeNetwork network = new(description, SmallNetwork.Weights(description), threads: 1);
        float[] input = Formula.Input(1, 3 * 16 * 16);
        using PreparedCall call = network.Prepare(input, 1, 16, 16);
        call.Run();
        network.Dispose();
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => network.Forward(input, 1, 16, 16));
        Assert.Throws<ObjectDisposedException>(() => network.Prepare(input, 1, 16, 16));
        Assert.Throws<ObjectDisposedException>(call.Run);
        Assert.Equal(16 * 16, call.CopyLogits().Length);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_refused_with_its_tensor()
    {
        NetworkDescription description = SmallNetwork.Describe();
        StateDict state = new(SmallNetwork.Weights(description).Select(tensor =>
            tensor.Name == "Conv_1x1.weight"
                ? new WeightTensor(tensor.Name, tensor.Shape, [.. tensor.ToSingles()[1..], float.NaN])
                : tensor));
        ArgumentException e = Assert.Throws<ArgumentException>(() => new OnnxRuntimeNetwork(description, state, threads: 1));
        Assert.Contains("the tensor Conv_1x1.weight holds a value that is not a finite number", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_with_preprocessing_is_refused()
    {
        NetworkDescription description = SmallNetwork.Describe();
        Assert.Throws<ArgumentException>(() => new OnnxRuntimeNetwork(
            description, SmallNetwork.Weights(description), 1, new OnnxExportOptions { Preprocessing = true }));
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused_with_the_first_tensor_that_does_not()
    {
        NetworkDescription description = SmallNetwork.Describe();
        StateDict state = SmallNetwork.Weights(description);
        ArgumentException missing = Assert.Throws<ArgumentException>(
            () => new OnnxRuntimeNetwork(description, new StateDict(state.Skip(1))));
        Assert.Contains("stem.conv.0.weight is missing", missing.Message, StringComparison.Ordinal);
        ArgumentException other = Assert.Throws<ArgumentException>(
            () => new OnnxRuntimeNetwork(description with { Name = "unet", Configuration = null }, state));
        Assert.Contains("unet", other.Message, StringComparison.Ordinal);
    }
}
