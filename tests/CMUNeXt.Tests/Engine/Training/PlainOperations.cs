namespace CMUNeXt.Tests.Engine.Training;

/// <summary>
/// The operations of a CMUNeXt in training, forward and backward, in double precision and as plainly as they can be written: the oracle of
/// the training engine. Each adds to the gradients of what it was given.
/// </summary>
/// <param name="round">What becomes of each value that is kept, and of each gradient: nothing, or its rounding to a smaller type.</param>
internal sealed class PlainOperations(Func<double, double>? round = null)
{
    private readonly Stack<Action> backward = [];

    /// <summary>Goes back through the operations, the last of them first.</summary>
    public void Backward()
    {
        while (backward.TryPop(out Action? operation))
        {
            operation();
        }
    }

    /// <summary>A convolution of stride 1 with zero padding that keeps the size: dense, grouped, depthwise or pointwise.</summary>
    /// <param name="x">The input.</param>
    /// <param name="weight">Outputs x inputs of a group x kernel x kernel.</param>
    /// <param name="bias">One for each output.</param>
    /// <param name="kernel">The size of the kernel, odd.</param>
    /// <param name="groups">The groups that channels are divided into.</param>
    public PlainMap Convolve(PlainMap x, PlainMap weight, PlainMap bias, int kernel, int groups)
    {
        int outputs = bias.Channels;
        int inputs = x.Channels / groups;
        return Add(new PlainMap(x.Images, outputs, x.Height, x.Width), [x, weight, bias], y =>
        {
            for (int i = 0; i < y.Values.Length; i++)
            {
                y.Values[i] = bias.Values[i / y.Plane % outputs];
            }

            ForEachProduct(y, (to, position, from) => y.Values[to] += weight.Values[position] * x.Values[from]);
        }, y =>
        {
            for (int i = 0; i < y.Gradient.Length; i++)
            {
                bias.Gradient[i / y.Plane % outputs] += y.Gradient[i];
            }

            ForEachProduct(y, (to, position, from) =>
            {
                weight.Gradient[position] += y.Gradient[to] * x.Values[from];
                x.Gradient[from] += y.Gradient[to] * weight.Values[position];
            });
        });

        void ForEachProduct(PlainMap y, Action<int, int, int> product)
        {
            for (int position = 0; position < weight.Values.Length; position++)
            {
                int output = position / (inputs * kernel * kernel);
                int input = (output / (outputs / groups) * inputs) + (position / (kernel * kernel) % inputs);
                int down = (position / kernel % kernel) - (kernel / 2);
                int right = (position % kernel) - (kernel / 2);
                for (int image = 0; image < x.Images; image++)
                {
                    for (int row = Math.Max(-down, 0); row < x.Height - Math.Max(down, 0); row++)
                    {
                        for (int column = Math.Max(-right, 0); column < x.Width - Math.Max(right, 0); column++)
                        {
                            int place = (row * x.Width) + column;
                            product(y.Start(image, output) + place, position, x.Start(image, input) + place + (down * x.Width) + right);
                        }
                    }
                }
            }
        }
    }

    public PlainMap Gelu(PlainMap x) => EachValue(x, PlainGelu.Of, PlainGelu.Derivative);

    public PlainMap Relu(PlainMap x) => EachValue(x, static v => Math.Max(v, 0), static v => v > 0 ? 1 : 0);

    public PlainMap Sum(PlainMap a, PlainMap b) => Add(a.Like(), [a, b], y =>
    {
        for (int i = 0; i < y.Values.Length; i++)
        {
            y.Values[i] = a.Values[i] + b.Values[i];
        }
    }, y =>
    {
        for (int i = 0; i < y.Values.Length; i++)
        {
            a.Gradient[i] += y.Gradient[i];
            b.Gradient[i] += y.Gradient[i];
        }
    });

    /// <summary>Batch normalization by the mean and the variance of the batch.</summary>
    /// <param name="x">The input.</param>
    /// <param name="weight">The scale of each channel.</param>
    /// <param name="bias">The shift of each channel.</param>
    /// <param name="statistics">Called with the mean and the unbiased variance of each channel.</param>
    public PlainMap Normalize(PlainMap x, PlainMap weight, PlainMap bias, Action<double[], double[]>? statistics = null)
    {
        int count = x.Images * x.Plane;
        double[] mean = Means(x, i => x.Values[i]);
        double[] variance = Means(x, i => Math.Pow(x.Values[i] - mean[Channel(i)], 2));
        statistics?.Invoke(mean, [.. variance.Select(v => v * count / (count - 1))]);
        return Add(x.Like(), [x, weight, bias], y =>
        {
            for (int i = 0; i < y.Values.Length; i++)
            {
                y.Values[i] = (Normalized(i) * weight.Values[Channel(i)]) + bias.Values[Channel(i)];
            }
        }, y =>
        {
            double[] gradients = Means(x, i => y.Gradient[i]);
            double[] products = Means(x, i => y.Gradient[i] * Normalized(i));
            for (int i = 0; i < y.Values.Length; i++)
            {
                int c = Channel(i);
                x.Gradient[i] += weight.Values[c] / StandardDeviation(c) * (y.Gradient[i] - gradients[c] - (Normalized(i) * products[c]));
            }

            for (int c = 0; c < x.Channels; c++)
            {
                weight.Gradient[c] += count * products[c];
                bias.Gradient[c] += count * gradients[c];
            }
        });

        int Channel(int i) => i / x.Plane % x.Channels;
        double StandardDeviation(int c) => Math.Sqrt(variance[c] + 1e-5);
        double Normalized(int i) => (x.Values[i] - mean[Channel(i)]) / StandardDeviation(Channel(i));
    }

    /// <summary>The largest of each 2 x 2 values; of equal ones the gradient is the first one's.</summary>
    public PlainMap MaxPool(PlainMap x)
    {
        PlainMap pooled = new(x.Images, x.Channels, x.Height / 2, x.Width / 2);
        int[] largest = new int[pooled.Values.Length];
        return Add(pooled, [x], y =>
        {
            for (int i = 0; i < largest.Length; i++)
            {
                int first = (i / y.Plane * x.Plane) + (i % y.Plane / y.Width * 2 * x.Width) + (i % y.Width * 2);
                largest[i] = ((int[])[first, first + 1, first + x.Width, first + x.Width + 1]).MaxBy(place => x.Values[place]);
                y.Values[i] = x.Values[largest[i]];
            }
        }, y =>
        {
            for (int i = 0; i < largest.Length; i++)
            {
                x.Gradient[largest[i]] += y.Gradient[i];
            }
        });
    }

    /// <summary>
    /// Bilinear upsampling by 2 with half-pixel centers: each way a pixel takes 3/4 of the nearer one and 1/4 of the other.
    /// </summary>
    public PlainMap Upsample(PlainMap x)
    {
        return Add(new PlainMap(x.Images, x.Channels, 2 * x.Height, 2 * x.Width), [x],
            y => ForEachProduct(y, (to, share, from) => y.Values[to] += share * x.Values[from]),
            y => ForEachProduct(y, (to, share, from) => x.Gradient[from] += share * y.Gradient[to]));

        void ForEachProduct(PlainMap y, Action<int, double, int> product)
        {
            for (int i = 0; i < y.Values.Length; i++)
            {
                foreach ((int row, double down) in Shares(i / y.Width % y.Height, x.Height))
                {
                    foreach ((int column, double right) in Shares(i % y.Width, x.Width))
                    {
                        product(i, down * right, (i / y.Plane * x.Plane) + (row * x.Width) + column);
                    }
                }
            }
        }

        // Beyond the border the border's own value goes on.
        static (int Place, double Share)[] Shares(int i, int size) =>
            [(i / 2, 0.75), (Math.Clamp((i / 2) + (i % 2 == 0 ? -1 : 1), 0, size - 1), 0.25)];
    }

    /// <summary>The channels of one, then those of the other.</summary>
    public PlainMap Concatenate(PlainMap a, PlainMap b)
    {
        return Add(new PlainMap(a.Images, a.Channels + b.Channels, a.Height, a.Width), [a, b], y => ForEachPlane(y, (part, from, to) =>
            Array.Copy(part.Values, from, y.Values, to, y.Plane)), y => ForEachPlane(y, (part, from, to) =>
        {
            for (int i = 0; i < y.Plane; i++)
            {
                part.Gradient[from + i] += y.Gradient[to + i];
            }
        }));

        void ForEachPlane(PlainMap y, Action<PlainMap, int, int> copy)
        {
            for (int image = 0; image < y.Images; image++)
            {
                for (int c = 0; c < y.Channels; c++)
                {
                    PlainMap part = c < a.Channels ? a : b;
                    copy(part, part.Start(image, c < a.Channels ? c : c - a.Channels), y.Start(image, c));
                }
            }
        }
    }

    private static double[] Means(PlainMap x, Func<int, double> value)
    {
        double[] means = new double[x.Channels];
        for (int i = 0; i < x.Values.Length; i++)
        {
            means[i / x.Plane % x.Channels] += value(i) / (x.Images * x.Plane);
        }

        return means;
    }

    private PlainMap EachValue(PlainMap x, Func<double, double> value, Func<double, double> derivative) => Add(x.Like(), [x], y =>
    {
        for (int i = 0; i < y.Values.Length; i++)
        {
            y.Values[i] = value(x.Values[i]);
        }
    }, y =>
    {
        for (int i = 0; i < y.Values.Length; i++)
        {
            x.Gradient[i] += derivative(x.Values[i]) * y.Gradient[i];
        }
    });

    private PlainMap Add(PlainMap result, PlainMap[] operands, Action<PlainMap> forward, Action<PlainMap> back)
    {
        forward(result);
        Round(result.Values);
        backward.Push(() =>
        {
            back(result);
            foreach (PlainMap operand in operands)
            {
                Round(operand.Gradient);
            }
        });
        return result;
    }

    private void Round(double[] values)
    {
        for (int i = 0; round is not null && i < values.Length; i++)
        {
            values[i] = round(values[i]);
        }
    }
}
