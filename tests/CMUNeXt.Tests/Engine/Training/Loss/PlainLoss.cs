using CMUNeXt.Engine.Training.Loss;

namespace CMUNeXt.Tests.Engine.Training.Loss;

/// <summary>The losses by their formulas, in double precision, pixel by pixel.</summary>
internal static class PlainLoss
{
    private const double Smooth = 1e-5;

    /// <summary>The loss of a batch.</summary>
    /// <param name="loss">Which.</param>
    /// <param name="logits">Images x outputs x height x width.</param>
    /// <param name="target">Images x height x width.</param>
    /// <param name="teacher">Like the logits; null where there is none.</param>
    /// <param name="images">The number of images.</param>
    /// <param name="outputs">The number of outputs.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="radius">Of the window of the presence.</param>
    public static double Of(
        SegmentationLoss loss, double[] logits, byte[] target, float[]? teacher, int images, int outputs, int height, int width, int radius)
    {
        int plane = height * width;
        int classes = Math.Max(outputs, 2);
        double entropy = 0;
        double presence = 0;
        double divergence = 0;
        double[] overlap = new double[images * classes];
        double[] sum = new double[images * classes];
        for (int image = 0; image < images; image++)
        {
            double[] entropies = new double[plane];
            bool healthy = true;
            for (int i = 0; i < plane; i++)
            {
                double[] p = Probabilities(Pixel(place => logits[place], image, i), 1);
                int label = target[(image * plane) + i];
                healthy &= label == 0;
                entropies[i] = -Math.Log(p[label]) * Math.Pow(1 - p[label], loss.Focal) * (loss.ClassWeights?[label] ?? 1);
                for (int c = 0; c < classes; c++)
                {
                    overlap[(image * classes) + c] += label == c ? p[c] : 0;
                    sum[(image * classes) + c] += 2 * ((loss.FalsePositives * p[c]) + (loss.FalseNegatives * (label == c ? 1 : 0)));
                }

                if (teacher is not null)
                {
                    double[] student = Probabilities(Pixel(place => logits[place], image, i), loss.Temperature);
                    double[] taught = Probabilities(Pixel(place => teacher[place], image, i), loss.Temperature);
                    divergence += taught.Zip(student, (t, s) => t * Math.Log(t / s)).Sum();
                }
            }

            int worst = Math.Max((int)Math.Round(loss.HealthyPixels * plane), 1);
            entropy += healthy ? entropies.OrderDescending().Take(worst).Average() : entropies.Average();
            if (loss.Presence > 0)
            {
                double score = Math.Log(Enumerable.Range(0, plane).Average(i => Math.Exp(MeanAround(image, i))));
                presence += Math.Log(1 + Math.Exp(healthy ? score : -score));
            }
        }

        double masks = (loss.CrossEntropy * entropy / images) + (loss.Dice * (1 - Dice()));
        return (teacher is null ? masks : ((1 - loss.Distillation) * masks)
                + (loss.Distillation * loss.Temperature * loss.Temperature * divergence / (images * plane)))
            + (loss.Presence * presence / images);

        // With one output the background's logit is 0.
        double[] Pixel(Func<int, double> value, int image, int i) => outputs == 1
            ? [0, value((image * plane) + i)]
            : [.. Enumerable.Range(0, outputs).Select(c => value((((image * outputs) + c) * plane) + i))];

        double Dice() => Enumerable.Range(1, classes - 1).Average(c => loss.WholeBatch
            ? Coefficient(
                Enumerable.Range(0, images).Sum(image => overlap[(image * classes) + c]),
                Enumerable.Range(0, images).Sum(image => sum[(image * classes) + c]))
            : Enumerable.Range(0, images).Average(image => Coefficient(overlap[(image * classes) + c], sum[(image * classes) + c])));

        // Tversky's; Dice's own where both kinds of errors weigh 0.5.
        double Coefficient(double inside, double weighed) =>
            ((2 * inside) + Smooth) / ((2 * (1 - loss.FalsePositives - loss.FalseNegatives) * inside) + weighed + Smooth);

        double MeanAround(int image, int i)
        {
            List<double> near = [];
            for (int y = Math.Max((i / width) - radius, 0); y <= Math.Min((i / width) + radius, height - 1); y++)
            {
                for (int x = Math.Max((i % width) - radius, 0); x <= Math.Min((i % width) + radius, width - 1); x++)
                {
                    near.Add(logits[(image * plane) + (y * width) + x]);
                }
            }

            return near.Average();
        }
    }


    /// <summary>The softmax of logits / temperature.</summary>
    public static double[] Probabilities(double[] logits, double temperature)
    {
        double total = logits.Sum(z => Math.Exp(z / temperature));
        return [.. logits.Select(z => Math.Exp(z / temperature) / total)];
    }
}
