using CMUNeXt.Engine;
using CMUNeXt.Engine.Learning;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Torch.Networks;
using CMUNeXt.Torch.Training;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Tests.Learning;

/// <summary>The engine's gradients against autograd's in double precision, from the same weights and pictures.</summary>
public sealed class LearningNetworkTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(InstructionSet.Avx512)]
    [InlineData(InstructionSet.Avx2)]
    [InlineData(InstructionSet.Vector128)]
    public void Gradients_are_those_of_autograd(InstructionSet instructions)
    {
        Assert.SkipUnless(InstructionSets.IsSupported(instructions), $"This machine does not have {instructions}.");

        // Channels that fill no octet, one octet, an odd number of octets; every kernel size in use; blocks in a row; sides of one pixel at
        // the lowest level and of odd numbers; one channel; one picture.
        Check(new([8, 16, 24, 8, 40], [1, 1, 2, 1, 1], [3, 3, 7, 7, 9]), channels: 3, outputs: 1, batch: 2, height: 48, width: 80, instructions);
        Check(new([3, 9, 24, 40, 17], [1, 2, 3, 1, 2], [1, 3, 5, 7, 9]), channels: 1, outputs: 3, batch: 1, height: 48, width: 48, instructions);
        Check(new([5, 4, 3, 2, 1], [2, 1, 1, 1, 1], [9, 7, 5, 3, 1]), channels: 2, outputs: 9, batch: 2, height: 16, width: 272, instructions);
        Check(new([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]), channels: 4, outputs: 2, batch: 3, height: 16, width: 16, instructions);
        Check(new([33, 17, 16, 16, 8], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]), channels: 3, outputs: 1, batch: 5, height: 16, width: 16, instructions);
        Assert.Fail("see");
    }

    private void Check(CMUNeXtConfiguration configuration, int channels, int outputs, int batch, int height, int width, InstructionSet instructions)
    {
        NetworkDescription description = new() { Name = "cmunext", Channels = channels, Outputs = outputs, Configuration = configuration };
        StateDict state = Random(description);
        float[] input = Formula.Input(7, (long)batch * channels * height * width);
        byte[] target = Array.ConvertAll(Formula.Input(8, (long)batch * height * width), v => (byte)((v + 1) / 2 * Math.Max(outputs, 2)));

        using LearningNetwork network = new(description, state, new SegmentationLoss(0.5, 1), new MomentumOptimiser(0.9, 0), threads: 2, instructions);
        float[] logits = new float[batch * outputs * height * width];
        double loss = network.Step(input, target, batch, height, width, 0, logits);

        using Module<Tensor, Tensor> module = TorchModules.Create(description);
        TorchModules.Load(TorchModules.Tensors(module), state);
        module.to(ScalarType.Float64);
        module.train();
        using IDisposable scope = NewDisposeScope();
        Tensor expectedLogits = module.call(tensor(input).reshape(batch, channels, height, width).to_type(ScalarType.Float64));
        Tensor expectedLoss = Losses.Compute(
            LossKind.CrossEntropyDice, expectedLogits, tensor(target).reshape(batch, height, width).to_type(ScalarType.Int64));
        expectedLoss.backward();
        using Module<Tensor, Tensor> single = TorchModules.Create(description);
        TorchModules.Load(TorchModules.Tensors(single), state);
        single.train();
        Losses.Compute(LossKind.CrossEntropyDice, single.call(tensor(input).reshape(batch, channels, height, width)), tensor(target).reshape(batch, height, width).to_type(ScalarType.Int64)).backward();
        Dictionary<string, TorchSharp.Modules.Parameter> singles = single.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        output.WriteLine($"loss {loss} {expectedLoss.item<double>()}, logits {Golden.RelativeDifference(Singles(expectedLogits), logits):g2}");
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in module.named_parameters())
        {
            float[] expected = parameter.grad is { } gradient ? Singles(gradient) : new float[parameter.numel()];
            float[] actual = Gradient(network, name);
            if (Golden.RelativeDifference(expected, actual) is var d and > 1e-3) output.WriteLine($"  {name} {d:g3} {Golden.RelativeDifference(expected, singles[name].grad is { } gr ? Singles(gr) : new float[expected.Length]):g3}");
        }
        StateDict after = network.Tensors.Copy();
        foreach ((string name, Tensor buffer) in module.named_buffers())
        {
            if (Golden.RelativeDifference(Singles(buffer), after[name].ToSingles()) is var d and > 1e-5) output.WriteLine($"  {name} {d:g3} {string.Join(' ', Singles(buffer).Take(16))}\n {string.Join(' ', after[name].ToSingles().Take(16))}\n");
        }
    }

    private static unsafe float[] Gradient(LearningNetwork network, string name)
    {
        Parameter parameter = network.Tensors[name];
        return new ReadOnlySpan<float>(parameter.Gradient, parameter.Count).ToArray();
    }

    private static float[] Singles(Tensor tensor) => tensor.detach().to_type(ScalarType.Float32).contiguous().data<float>().ToArray();

    private static StateDict Random(NetworkDescription description) => new(
        ExpectedTensor.Of(CMUNeXtLayers.Of(description.Configuration!, description.Channels, description.Outputs)).Select((tensor, place) =>
            tensor.Type == ElementType.Int64
                ? new WeightTensor(tensor.Name, tensor.Type, tensor.Shape, new byte[8])
                : new WeightTensor(tensor.Name, tensor.Shape, Formula.Fill(tensor.Name, [.. tensor.Shape], place))));
}
