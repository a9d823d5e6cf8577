using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Passes;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Tests.Engine.Training;

/// <summary>
/// How far a convolution and its gradients are from double precision, relative and in the mean, directly and by Winograd, beside libtorch's
/// own float32. Winograd's transforms cost digits; how many is said here, and held.
/// </summary>
public sealed class ConvolutionErrorTests(ITestOutputHelper output)
{
    public static TheoryData<InstructionSet> Sets => [.. Enum.GetValues<InstructionSet>()];

    [Theory]
    [MemberData(nameof(Sets))]
    public void By_Winograd_it_is_a_few_units_of_float32(InstructionSet set)
    {
        foreach ((int channels, int side) in ((int, int)[])[(16, 96), (128, 32), (160, 16)])
        {
            LayerTests.For(set, new Block(channels, side, output));
        }
    }

    private sealed record Block(int Channels, int Side, ITestOutputHelper Output) : LayerTests.IBlock
    {
        public void Check<TSimd, TVector>()
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            double[] direct = Errors<TSimd, TVector>(tiled: false, out double[] libtorch);
            double[] tiled = Errors<TSimd, TVector>(tiled: true, out _);
            string[] names = ["result", "input's gradient", "weights' gradient"];
            for (int i = 0; i < names.Length; i++)
            {
                Output.WriteLine(
                    $"{Channels} channels, {Side} x {Side}, {typeof(TSimd).Name}, {names[i]}: "
                        + $"direct {direct[i]:0.0e0}, Winograd {tiled[i]:0.0e0}, libtorch {libtorch[i]:0.0e0}");
                Assert.InRange(direct[i], 0, 2e-6);
                Assert.InRange(tiled[i], 0, 4e-6);
            }
        }

        private double[] Errors<TSimd, TVector>(bool tiled, out double[] libtorch)
            where TSimd : ISimd<TVector>
            where TVector : unmanaged
        {
            using LayerCheck<TSimd, TVector> check = new(2);
            PlainSource<TSimd, TVector> x = check.Input("x", Channels, Side, Side);
            ChannelPlaces order = new(Channels);
            ReluStage<TSimd, TVector> y = new(check.Memory.Rent(order.Blocks, Side, Side), check.Normalize("n", order, Channels))
            {
                Gradient = check.Memory.Rent(order.Blocks, Side, Side),
            };
            Parameter weight = check.Trained("w", Channels, Channels, 3, 3);
            Convolution<TSimd, TVector> convolution = new(x, y, order) { Weight = weight, Inputs = Channels };
            LayerCheck<TSimd, TVector>.Run(tiled
                ? new WinogradForward<TSimd, TVector>(convolution) { Name = "y" }
                : new ConvolutionForward<TSimd, TVector>(convolution) { Name = "y" });
            Tensor gradient = check.Random(2, Channels, Side, Side);
            check.WriteGradient(y, gradient);
            LayerCheck<TSimd, TVector>.Run(tiled
                ? new WinogradBackward<TSimd, TVector>(convolution) { Name = "x" }
                : new ConvolutionBackward<TSimd, TVector>(convolution, toInput: true) { Name = "x" });

            double[][] exact = Autograd(ScalarType.Float64);
            double[][] single = Autograd(ScalarType.Float32);
            libtorch = [.. exact.Zip(single, Error)];
            float[][] ours = [Layout.FromMap(y.Values, order, Channels), Layout.FromMap(x.Gradient!, order, Channels),
                Layout.Gradient(weight)];
            return [.. exact.Zip(ours, (a, b) => Error(a, Array.ConvertAll(b, v => (double)v)))];

            double[][] Autograd(ScalarType type)
            {
                Tensor input = Copy("x"), kernel = Copy("w");
                Tensor result = functional.conv2d(input, kernel, padding: [1, 1]);
                Tensor normalized = LayerCheck<TSimd, TVector>.BatchNorm(result, Copy("n.weight"), Copy("n.bias"));
                (normalized.relu() * gradient.to_type(type)).sum().backward();
                return [Values(result), Values(input.grad!), Values(kernel.grad!)];

                Tensor Copy(string name) => check[name].detach().to_type(type).requires_grad_();
            }
        }

        private static double[] Values(Tensor tensor) => tensor.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

        private static double Error(double[] exact, double[] actual) =>
            Math.Sqrt(exact.Zip(actual, (a, b) => (a - b) * (a - b)).Sum() / exact.Sum(v => v * v));
    }
}
