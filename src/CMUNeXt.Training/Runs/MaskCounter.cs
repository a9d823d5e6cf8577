using CMUNeXt.Backends;
using CMUNeXt.Masks;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Runs;

/// <summary>Gathers the metrics of masks, case by case.</summary>
/// <param name="outputs">The channels of the logits.</param>
internal sealed class MaskCounter(int outputs)
{
    private readonly List<(Confusion[] Classes, bool IsHealthy)> cases = [];

    /// <summary>Adds a batch of one case.</summary>
    /// <param name="single">The case.</param>
    /// <param name="logits">Its logits: outputs x height x width.</param>
    /// <param name="isHealthy">Whether its image is healthy.</param>
    public void Add(Batch single, float[] logits, bool isHealthy)
    {
        Mask reference = new(single.Width, single.Height, single.Target);
        Mask found = new(single.Width, single.Height, Decide(logits, single.Width * single.Height, outputs));
        Confusion[] classes =
            [.. Enumerable.Range(1, Math.Max(outputs - 1, 1)).Select(label => Confusion.Of(reference, found, (byte)label))];
        cases.Add((classes, isHealthy));
    }

    /// <summary>The cases of all ranks, in their order.</summary>
    public MaskCounter Gather(RankShare ranks)
    {
        MaskCounter all = new(outputs);
        double[] numbers = ranks.Gather(
            [.. cases.SelectMany(static one => one.Classes.SelectMany(static c =>
                (double[])[c.TruePositives, c.FalsePositives, c.FalseNegatives, c.TrueNegatives]).Append(one.IsHealthy ? 1 : 0))]);
        all.cases.AddRange(numbers.Chunk((4 * Math.Max(outputs - 1, 1)) + 1).Select(static one => (
            one[..^1].Chunk(4).Select(static c => new Confusion((long)c[0], (long)c[1], (long)c[2], (long)c[3])).ToArray(), one[^1] > 0)));
        return all;
    }

    /// <summary>The metrics of the cases so far, at least one.</summary>
    public MaskMetrics ToMetrics()
    {
        bool?[] present = [.. cases.Select(static one => HasLesion(one.Classes, one.IsHealthy))];
        bool[] found = [.. cases.Select(static one => one.Classes.Any(static c => c.PredictedArea > 0))];
        return new MaskMetrics
        {
            Iou = MeanOverClasses(static c => c.Iou),
            Dice = MeanOverClasses(static c => c.Dice),
            Presence = (ShareRight(true) + ShareRight(false)) / 2,
            Found = found.Count(static one => one),
        };

        double? ShareRight(bool kind) => present.Any(one => one == kind)
            ? present.Zip(found).Where(one => one.First == kind).Average(one => one.Second == kind ? 1.0 : 0)
            : null;
    }

    // An image of which ignored pixels, or a lesion that is lost at this size, are all that is there is neither.
    private static bool? HasLesion(Confusion[] classes, bool isHealthy) =>
        classes.Any(static c => c.ReferenceArea > 0) ? true : isHealthy ? false : null;

    private double? MeanOverClasses(Func<Confusion, double> metric)
    {
        Confusion[][] judged =
            [.. cases.Where(static one => HasLesion(one.Classes, one.IsHealthy) is not null).Select(static one => one.Classes)];
        double[] means =
        [
            .. Enumerable.Range(0, cases[0].Classes.Length)
                .Select(label => judged.Select(one => metric(one[label])).Where(double.IsFinite).ToArray())
                .Where(static defined => defined.Length > 0)
                .Select(static defined => defined.Average()),
        ];
        return means.Length == 0 ? null : means.Average();
    }

    /// <summary>The class of each pixel: by a probability above 0.5, or the largest of several.</summary>
    /// <param name="logits">outputs x plane values.</param>
    /// <param name="plane">The pixels of an image.</param>
    /// <param name="outputs">Planes of logits.</param>
    public static byte[] Decide(float[] logits, int plane, int outputs)
    {
        byte[] mask = new byte[plane];
        for (int i = 0; i < plane; i++)
        {
            if (outputs == 1)
            {
                mask[i] = logits[i] > 0 ? (byte)1 : (byte)0;
                continue;
            }

            int largest = 0;
            for (int c = 1; c < outputs; c++)
            {
                largest = logits[(c * plane) + i] > logits[(largest * plane) + i] ? c : largest;
            }

            mask[i] = (byte)largest;
        }

        return mask;
    }
}
