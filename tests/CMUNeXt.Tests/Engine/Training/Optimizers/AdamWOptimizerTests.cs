using System.Runtime.InteropServices;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Engine.Training.Optimizers;

public sealed class AdamWOptimizerTests
{
    private const double Decay = 0.05;

    // Three pieces, the last of them short; and a bias, which does not decay.
    private static readonly int[] Counts = [(2 << 15) + 100, 8];

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void Seven_iterations_with_falling_learning_rates_are_those_of_the_formula(double clipNorm)
    {
        double[][] values = [.. Counts.Select((count, k) => Doubles(Formula.Input(k, count)))];
        double[][] mean = [.. Counts.Select(count => new double[count])];
        double[][] square = [.. Counts.Select(count => new double[count])];
        using Parameter weight = Make("weight", [Counts[0], 1], Formula.Input(0, Counts[0]));
        using Parameter bias = Make("bias", [Counts[1]], Formula.Input(1, Counts[1]));
        Parameter[] parameters = [weight, bias];
        using AdamWOptimizer optimizer = new(Decay) { Decays = static shape => shape.Count > 1, ClipNorm = clipNorm };
        optimizer.Attach(parameters);
        Assert.Equal(clipNorm > 0, optimizer.Norm is not null);

        for (int t = 1; t <= 7; t++)
        {
            // AdamW does not see one factor of all gradients: their norm is 148, 295 or 443, and 200 clips it by another one each time. The
            // bias's are so small that epsilon counts.
            float[][] gradients =
            [
                .. Counts.Select((count, k) => Formula.Input((10 * t) + k, count).Select(g => g * ((t % 3) + 1) * (k == 0 ? 1 : 1e-7f))
                    .ToArray()),
            ];
            double norm = Math.Sqrt(gradients.Sum(tensor => tensor.Sum(g => (double)g * g)));
            double scale = clipNorm > 0 ? Math.Min(clipNorm / (norm + 1e-6), 1) : 1;
            double learningRate = 0.1 / t;
            Iterate(optimizer, learningRate, parameters, gradients);
            if (optimizer.Norm is { } measured)
            {
                Assert.Equal(norm, measured.Total(), 1e-6);
            }

            for (int k = 0; k < values.Length; k++)
            {
                for (int i = 0; i < values[k].Length; i++)
                {
                    double g = scale * gradients[k][i];
                    mean[k][i] = (0.9 * mean[k][i]) + (0.1 * g);
                    square[k][i] = (0.999 * square[k][i]) + (0.001 * g * g);
                    double change = mean[k][i] / (1 - Math.Pow(0.9, t)) / (Math.Sqrt(square[k][i] / (1 - Math.Pow(0.999, t))) + 1e-8);
                    values[k][i] -= learningRate * (((k == 0 ? Decay : 0) * values[k][i]) + change);
                }

                double[] actual = Doubles(parameters[k].Copy().ToSingles());
                Assert.InRange(values[k].Zip(actual, (a, b) => Math.Abs(a - b)).Max(), 0, 3e-6);
            }
        }

        Assert.Equal(7, optimizer.Iterations);
    }

    // As a workspace does.
    private static unsafe void Iterate(AdamWOptimizer optimizer, double learningRate, Parameter[] parameters, float[][] gradients)
    {
        for (int k = 0; k < parameters.Length; k++)
        {
            gradients[k].CopyTo(new Span<float>(parameters[k].Gradient, parameters[k].Count));
        }

        if (optimizer.Norm is { } norm)
        {
            RunAll(norm);
        }

        optimizer.Begin(learningRate);
        RunAll(optimizer);

        static void RunAll(Step step)
        {
            for (int task = 0; task < step.Tasks; task++)
            {
                step.Run(task, null);
            }
        }
    }

    private static Parameter Make(string name, int[] shape, float[] values) =>
        new(new WeightTensor(name, ElementType.Float32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));

    private static double[] Doubles(float[] values) => Array.ConvertAll(values, static value => (double)value);
}
