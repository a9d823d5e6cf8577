using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Engine.Inference;

/// <summary>A CMUNeXt layer by layer in double precision, as plainly as it can be written: the oracle of the engine.</summary>
internal static class PlainNetwork
{
    /// <summary>The logits of one image whose sides are multiples of 16.</summary>
    public static double[] Forward(NetworkDescription network, StateDict state, float[] image, int height, int width)
    {
        double[] x = [.. image.Select(v => (double)v)];
        double[]? residual = null;
        Stack<double[]> skips = [];
        foreach (Layer layer in network.Configuration!.Layers(network.Channels, network.Outputs))
        {
            int h = height >> layer.Level;
            int w = width >> layer.Level;
            switch (layer.Kind)
            {
                case LayerKind.Convolution:
                    residual = layer.Groups == layer.Input ? x : residual;
                    x = Convolve(layer, Tensor(state, layer, "weight"), Tensor(state, layer, "bias"), x, h, w);
                    break;
                case LayerKind.Normalization:
                    x = Normalize(state, layer, x, h * w);
                    break;
                case LayerKind.Gelu:
                    x = [.. x.Select(PlainGelu.Of)];
                    break;
                case LayerKind.Relu:
                    x = [.. x.Select(v => Math.Max(v, 0))];
                    break;
                case LayerKind.Residual:
                    x = [.. x.Zip(residual!, (a, b) => a + b)];
                    break;
                case LayerKind.MaxPool:
                    skips.Push(x);
                    x = Sample(x, layer.Input, 2 * h, 2 * w, h, w, (plane, y, c) => Math.Max(
                        Math.Max(plane(2 * y, 2 * c), plane(2 * y, (2 * c) + 1)),
                        Math.Max(plane((2 * y) + 1, 2 * c), plane((2 * y) + 1, (2 * c) + 1))));
                    break;
                case LayerKind.Upsample:
                    x = Sample(x, layer.Input, h / 2, w / 2, h, w, (plane, y, c) => Interpolate(plane, y, c, h / 2, w / 2));
                    break;
                default:
                    x = [.. skips.Pop(), .. x];
                    break;
            }
        }

        return x;
    }

    private static float[] Tensor(StateDict state, Layer layer, string name) => state[$"{layer.Name}.{name}"].ToSingles();

    private static double[] Convolve(Layer layer, float[] weight, float[] bias, double[] x, int h, int w)
    {
        int inputs = layer.Input / layer.Groups;
        int k = layer.Kernel;
        double[] y = new double[layer.Output * h * w];
        Parallel.For(0, layer.Output, o =>
        {
            int first = o / (layer.Output / layer.Groups) * inputs;
            for (int place = 0; place < h * w; place++)
            {
                double sum = bias[o];
                for (int position = 0; position < inputs * k * k; position++)
                {
                    int row = (place / w) + (position / k % k) - (k / 2);
                    int column = (place % w) + (position % k) - (k / 2);
                    if (row >= 0 && row < h && column >= 0 && column < w)
                    {
                        sum += weight[(o * inputs * k * k) + position] * x[((((first + (position / (k * k))) * h) + row) * w) + column];
                    }
                }

                y[(o * h * w) + place] = sum;
            }
        });
        return y;
    }

    private static double[] Normalize(StateDict state, Layer layer, double[] x, int plane)
    {
        float[] weight = Tensor(state, layer, "weight");
        float[] bias = Tensor(state, layer, "bias");
        float[] mean = Tensor(state, layer, "running_mean");
        float[] variance = Tensor(state, layer, "running_var");
        return [.. x.Select(
            (v, i) => ((v - mean[i / plane]) / Math.Sqrt(variance[i / plane] + 1e-5) * weight[i / plane]) + bias[i / plane])];
    }

    private static double[] Sample(
        double[] x, int channels, int fromH, int fromW, int h, int w, Func<Func<int, int, double>, int, int, double> value)
    {
        double[] y = new double[channels * h * w];
        for (int i = 0; i < y.Length; i++)
        {
            int channel = i / (h * w);
            y[i] = value((row, column) => x[(((channel * fromH) + row) * fromW) + column], i / w % h, i % w);
        }

        return y;
    }

    private static double Interpolate(Func<int, int, double> plane, int y, int x, int h, int w)
    {
        (int y0, int y1, double fy) = Neighbors(y, h);
        (int x0, int x1, double fx) = Neighbors(x, w);
        return ((1 - fy) * (((1 - fx) * plane(y0, x0)) + (fx * plane(y0, x1))))
            + (fy * (((1 - fx) * plane(y1, x0)) + (fx * plane(y1, x1))));
    }

    private static (int First, int Second, double Fraction) Neighbors(int i, int size)
    {
        double place = Math.Max(((i + 0.5) / 2) - 0.5, 0);
        int first = (int)place;
        return (first, Math.Min(first + 1, size - 1), place - first);
    }
}
