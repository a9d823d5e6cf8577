using CMUNeXt.Backends;
using CMUNeXt.Masks;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Runs;

/// <summary>Gathers the metrics of masks, case by case.</summary>
/// <param name="outputs">The channels of the logits.</param>
internal sealed class MaskCounter(int outputs)
{
    private readonly List<Confusion[]> cases = [];

    /// <summary>Adds a batch of one case.</summary>
    /// <param name="single">The case.</param>
    /// <param name="logits">Its logits: outputs x height x width.</param>
    public void Add(Batch single, float[] logits)
    {
        Mask reference = new(single.Width, single.Height, single.Target);
        Mask found = new(single.Width, single.Height, Decide(logits, single.Width * single.Height, outputs));
        cases.Add([.. Enumerable.Range(1, Math.Max(outputs - 1, 1)).Select(label => Confusion.Of(reference, found, (byte)label))]);
    }

    /// <summary>The cases of all ranks, in their order.</summary>
    public MaskCounter Gather(RankShare ranks)
    {
        MaskCounter all = new(outputs);
        double[] pixels = ranks.Gather(
            [.. cases.SelectMany(one => one).SelectMany(static c =>
                (double[])[c.TruePositives, c.FalsePositives, c.FalseNegatives, c.TrueNegatives])]);
        all.cases.AddRange(pixels.Chunk(4)
            .Select(static c => new Confusion((long)c[0], (long)c[1], (long)c[2], (long)c[3]))
            .Chunk(Math.Max(outputs - 1, 1)));
        return all;
    }

    /// <summary>The metrics of the cases so far, at least one.</summary>
    public MaskMetrics ToMetrics()
    {
        bool[] present = [.. cases.Select(static one => one.Any(static c => c.ReferenceArea > 0))];
        bool[] found = [.. cases.Select(static one => one.Any(static c => c.PredictedArea > 0))];
        return new MaskMetrics
        {
            Iou = MeanOverClasses(static c => c.Iou),
            Dice = MeanOverClasses(static c => c.Dice),
            Presence = (ShareRight(true) + ShareRight(false)) / 2,
            Found = found.Count(static one => one),
        };

        double? ShareRight(bool kind) => present.Contains(kind)
            ? present.Zip(found).Where(one => one.First == kind).Average(one => one.Second == kind ? 1.0 : 0)
            : null;
    }

    private double? MeanOverClasses(Func<Confusion, double> metric)
    {
        double[] means =
        [
            .. Enumerable.Range(0, cases[0].Length)
                .Select(label => cases.Select(one => metric(one[label])).Where(double.IsFinite).ToArray())
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
