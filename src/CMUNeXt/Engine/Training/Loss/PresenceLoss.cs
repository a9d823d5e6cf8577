using System.Numerics;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Masks;

namespace CMUNeXt.Engine.Training.Loss;

/// <summary>
/// The cross-entropy of "there is a lesion", whose logit is the score of <see cref="Presence"/>: the log of the mean of exp(m), m being the
/// logits' mean over a window, cut off at the borders. With one output. A unit is an image.
/// </summary>
/// <param name="batch">The images.</param>
/// <param name="height">Rows.</param>
/// <param name="width">Columns.</param>
/// <param name="logits">Images x pixels.</param>
/// <param name="gradient">The same for the gradient, which is added to what is there; null adds nothing.</param>
/// <param name="weight">What the cross-entropy is multiplied by.</param>
/// <param name="radius">The window has so many pixels to each side.</param>
internal sealed unsafe class PresenceLoss(
    BatchSize batch, int height, int width, float* logits, float* gradient, double weight, int radius) : LossTerm
{
    private readonly double[] entropies = new double[batch.Capacity];

    /// <summary>The class of each pixel; set for each iteration.</summary>
    public byte* Target { get; set; }

    public override nint Scratch => 2 * Plane;

    public override BatchSize Batch => batch;

    protected override int ImageUnits => 1;

    private nint Plane => (nint)height * width;

    public override void Finish() => Value = weight * AddUp(entropies.AsSpan(0, batch.Count)) / batch.Total;

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        int plane = (int)Plane;
        Span<float> means = new(scratch, plane);
        Span<float> rows = new(scratch + plane, plane);
        for (int image = from; image < to; image++)
        {
            AddBoxes(new ReadOnlySpan<float>(logits + (image * Plane), plane), rows, means);
            DivideByCounts(means);
            float largest = float.NegativeInfinity;
            foreach (float mean in means)
            {
                largest = MathF.Max(largest, mean);
            }

            double total = 0;
            foreach (ref float mean in means)
            {
                mean = MathF.Exp(mean - largest);
                total += mean;
            }

            double score = largest + Math.Log(total / plane);
            double present = new ReadOnlySpan<byte>(Target + (image * Plane), plane).ContainsAnyExcept((byte)0) ? 1 : 0;
            entropies[image] = Math.Max(score, 0) - (present * score) + Math.Log(1 + Math.Exp(-Math.Abs(score)));
            if (gradient is not null)
            {
                double probability = 1 / (1 + Math.Exp(-score));
                float scale = (float)(weight * (probability - present) / (batch.Total * total));
                foreach (ref float mean in means)
                {
                    mean *= scale;
                }

                DivideByCounts(means);
                Span<float> boxes = new(gradient + (image * Plane), plane);
                AddBoxes(means, rows, boxes, empty: false);
            }
        }
    }

    // The sums over boxes of a plane, by way of those along the rows.
    private void AddBoxes(ReadOnlySpan<float> source, Span<float> rows, Span<float> target, bool empty = true)
    {
        rows.Clear();
        if (empty)
        {
            target.Clear();
        }

        for (int shift = -radius; shift <= radius; shift++)
        {
            int count = width - Math.Abs(shift);
            for (int y = 0; y < height && count > 0; y++)
            {
                Add(source.Slice((y * width) + Math.Max(shift, 0), count), rows.Slice((y * width) + Math.Max(-shift, 0), count));
            }
        }

        for (int shift = -radius; shift <= radius; shift++)
        {
            int count = (height - Math.Abs(shift)) * width;
            if (count > 0)
            {
                Add(rows.Slice(Math.Max(shift, 0) * width, count), target.Slice(Math.Max(-shift, 0) * width, count));
            }
        }
    }

    private void DivideByCounts(Span<float> plane)
    {
        for (int y = 0; y < height; y++)
        {
            int inColumn = Math.Min(y, radius) + Math.Min(height - 1 - y, radius) + 1;
            Span<float> row = plane.Slice(y * width, width);
            for (int x = 0; x < width; x++)
            {
                row[x] /= inColumn * (Math.Min(x, radius) + Math.Min(width - 1 - x, radius) + 1);
            }
        }
    }

    private static void Add(ReadOnlySpan<float> values, Span<float> sums)
    {
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (new Vector<float>(values[i..]) + new Vector<float>(sums[i..])).CopyTo(sums[i..]);
        }

        for (; i < values.Length; i++)
        {
            sums[i] += values[i];
        }
    }
}
