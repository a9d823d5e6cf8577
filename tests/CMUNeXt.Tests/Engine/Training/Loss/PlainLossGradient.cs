using CMUNeXt.Engine.Training.Loss;

namespace CMUNeXt.Tests.Engine.Training.Loss;

/// <summary>The gradient of <see cref="PlainLoss"/> by the formulas of its derivatives, in double precision, pixel by pixel.</summary>
internal static class PlainLossGradient
{
    /// <inheritdoc cref="PlainLoss.Of"/>
    /// <returns>The derivative of the loss for each logit.</returns>
    public static double[] Of(
        SegmentationLoss loss, double[] logits, byte[] target, float[]? teacher, int images, int outputs, int height, int width, int radius)
    {
        int plane = height * width;
        int classes = Math.Max(outputs, 2);
        double masks = teacher is null ? 1 : 1 - loss.Distillation;
        double[] gradient = new double[logits.Length];
        (double Overlap, double Sum)[,] counts = new (double, double)[images, classes];
        foreach ((int image, int i, double[] p) in Pixels(1))
        {
            for (int c = 0; c < classes; c++)
            {
                double t = Target(image, i, c);
                counts[image, c] = (counts[image, c].Overlap + (t * p[c]), counts[image, c].Sum
                    + (2 * ((loss.FalsePositives * p[c]) + (loss.FalseNegatives * t))));
            }
        }

        double[] shares = [.. Enumerable.Range(0, images).SelectMany(Shares)];
        foreach ((int image, int i, double[] p) in Pixels(1))
        {
            double[] dice = [.. Enumerable.Range(0, classes).Select(c => c == 0 ? 0 : DiceDerivative(image, c, Target(image, i, c)))];
            double mean = dice.Zip(p, (d, q) => d * q).Sum();
            for (int c = 0; c < classes; c++)
            {
                double entropy = shares[(image * plane) + i] * Weight(image, i, p) * (p[c] - Target(image, i, c));
                Add(image, i, c, masks * ((loss.CrossEntropy * entropy / images) - (loss.Dice * p[c] * (dice[c] - mean))));
            }
        }

        if (teacher is not null)
        {
            double scale = loss.Distillation * loss.Temperature / (images * plane);
            foreach ((int image, int i, double[] p) in Pixels(loss.Temperature))
            {
                double[] taught = PlainLoss.Probabilities(Pixel(place => teacher[place], image, i), loss.Temperature);
                for (int c = 0; c < classes; c++)
                {
                    Add(image, i, c, scale * (p[c] - taught[c]));
                }
            }
        }

        for (int image = 0; loss.Presence > 0 && image < images; image++)
        {
            AddPresence(image);
        }

        return gradient;

        double Target(int image, int i, int c) => target[(image * plane) + i] == c ? 1 : 0;

        // The derivative of w (1 - q)^g (-log q) for -log q, q being the probability of the pixel's class.
        double Weight(int image, int i, double[] p)
        {
            int label = target[(image * plane) + i];
            double q = p[label];
            double focal = loss.Focal == 0 ? 1
                : Math.Pow(1 - q, loss.Focal) - (loss.Focal * Math.Pow(1 - q, loss.Focal - 1) * q * Math.Log(q));
            return (loss.ClassWeights?[label] ?? 1) * focal;
        }

        bool IsHealthy(int image) => !target.AsSpan(image * plane, plane).ContainsAnyExcept((byte)0);

        // With one output the background's logit is 0.
        double[] Pixel(Func<int, double> value, int image, int i) => outputs == 1
            ? [0, value((image * plane) + i)]
            : [.. Enumerable.Range(0, outputs).Select(c => value((((image * outputs) + c) * plane) + i))];

        void Add(int image, int i, int c, double derivative)
        {
            if (outputs > 1 || c == 1)
            {
                gradient[(((image * outputs) + (outputs == 1 ? 0 : c)) * plane) + i] += derivative;
            }
        }

        IEnumerable<(int Image, int Place, double[] Probabilities)> Pixels(double temperature) =>
            from image in Enumerable.Range(0, images)
            from i in Enumerable.Range(0, plane)
            select (image, i, PlainLoss.Probabilities(Pixel(place => logits[place], image, i), temperature));

        // What each pixel's cross-entropy counts in its image's mean.
        double[] Shares(int image)
        {
            int worst = IsHealthy(image) ? Math.Max((int)Math.Round(loss.HealthyPixels * plane), 1) : plane;
            double[] share = new double[plane];
            double ProbabilityOfTarget(int i) =>
                PlainLoss.Probabilities(Pixel(place => logits[place], image, i), 1)[target[(image * plane) + i]];
            foreach (int i in Enumerable.Range(0, plane).OrderBy(ProbabilityOfTarget).Take(worst))
            {
                share[i] = 1.0 / worst;
            }

            return share;
        }

        // Of the mean of (2 overlap + s) / (sum + s) over classes, and over images where each has its own, for one probability.
        double DiceDerivative(int image, int c, double t)
        {
            int[] together = loss.WholeBatch ? [.. Enumerable.Range(0, images)] : [image];
            double numerator = (2 * together.Sum(n => counts[n, c].Overlap)) + SegmentationLoss.Smooth;
            double ofOverlap = 2 * (1 - loss.FalsePositives - loss.FalseNegatives);
            double denominator = together.Sum(n => (ofOverlap * counts[n, c].Overlap) + counts[n, c].Sum) + SegmentationLoss.Smooth;
            double rise = (ofOverlap * t) + (2 * loss.FalsePositives);
            return ((2 * t / denominator) - (numerator * rise / (denominator * denominator)))
                / ((classes - 1) * (loss.WholeBatch ? 1 : images));
        }

        void AddPresence(int image)
        {
            int[][] windows = [.. Enumerable.Range(0, plane).Select(i => Window(i).ToArray())];
            double[] exponentials = [.. windows.Select(window => Math.Exp(window.Average(j => logits[(image * plane) + j])))];
            double odds = exponentials.Average();
            double derivative = (odds / (1 + odds)) - (IsHealthy(image) ? 0 : 1);
            for (int i = 0; i < plane; i++)
            {
                foreach (int j in windows[i])
                {
                    gradient[(image * plane) + j] +=
                        loss.Presence / images * derivative * exponentials[i] / exponentials.Sum() / windows[i].Length;
                }
            }
        }

        IEnumerable<int> Window(int i) =>
            from y in Enumerable.Range((i / width) - radius, (2 * radius) + 1)
            from x in Enumerable.Range((i % width) - radius, (2 * radius) + 1)
            where y >= 0 && y < height && x >= 0 && x < width
            select (y * width) + x;
    }
}
