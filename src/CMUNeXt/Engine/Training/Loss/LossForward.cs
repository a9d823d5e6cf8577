using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Passes;

namespace CMUNeXt.Engine.Training.Loss;

/// <summary>Turns logits into probabilities, and sums up what the loss is made of. A unit is some pixels of an image.</summary>
internal sealed unsafe class LossForward : Pass
{
    /// <summary>Pixels of a unit.</summary>
    public const int Chunk = 1024;

    private readonly BatchSize batch;
    private readonly int outputs;
    private readonly nint plane;
    private readonly float* logits;
    private readonly float* probabilities;
    private readonly SegmentationLoss loss;
    private readonly double[] sums;

    /// <param name="batch">The images.</param>
    /// <param name="outputs">Planes of logits.</param>
    /// <param name="plane">Pixels of an image.</param>
    /// <param name="logits">Images x outputs x pixels.</param>
    /// <param name="probabilities">The same for the result.</param>
    /// <param name="loss">What is summed up.</param>
    public LossForward(BatchSize batch, int outputs, nint plane, float* logits, float* probabilities, SegmentationLoss loss)
    {
        this.loss = loss;
        this.batch = batch;
        this.outputs = outputs;
        this.plane = plane;
        this.logits = logits;
        this.probabilities = probabilities;
        sums = new double[batch.Capacity * Chunks * UnitSums];
    }

    /// <summary>The class of each pixel; set for each iteration.</summary>
    public byte* Target { get; set; }

    public override nint Scratch => 0;

    /// <summary>The mean cross-entropy of the batch.</summary>
    public double CrossEntropy { get; private set; }

    /// <summary>The mean Dice coefficient of the batch.</summary>
    public double Dice { get; private set; }

    /// <summary>
    /// For each image, for each class with a Dice coefficient: the sums of p t, p and t; those of all images together where the loss says
    /// so.
    /// </summary>
    public double[] Overlaps { get; private set; } = [];

    /// <summary>For each healthy image, the pixels that its cross-entropy is of; null for each other, and where all of them are.</summary>
    public WorstPixels?[] Worst { get; private set; } = [];

    /// <summary>What the loss of the masks weighs, beside a teacher.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>Classes with a Dice coefficient.</summary>
    public int Classes => Math.Max(outputs - 1, 1);

    /// <summary>Images x outputs x pixels.</summary>
    public float* Logits => logits;

    public override BatchSize Batch => batch;

    protected override int ImageUnits => Chunks;

    private int Chunks => (int)((plane + Chunk - 1) / Chunk);

    // Cross-entropy, then three for each class.
    private int UnitSums => 1 + (3 * Classes);

    public override void Finish()
    {
        Worst = new WorstPixels?[batch.Count];
        double[] images = new double[batch.Count * UnitSums];
        for (int image = 0; image < batch.Count; image++)
        {
            Span<double> all = images.AsSpan(image * UnitSums, UnitSums);
            for (int chunk = 0; chunk < Chunks; chunk++)
            {
                Add(sums.AsSpan(((image * Chunks) + chunk) * UnitSums, UnitSums), all);
            }

            if (loss.HealthyPixels < 1 && IsHealthy(all[1..]))
            {
                WorstPixels worst = WorstPixels.Of(logits + ((nint)image * outputs * plane), outputs, plane, loss.HealthyPixels);
                Worst[image] = worst;
                all[0] = worst.CrossEntropy * plane;
            }
        }

        double[] total = new double[UnitSums];
        double dice = 0;
        ReadOnlySpan<double> gathered = batch.Gather(images, UnitSums);
        for (int image = 0; image < batch.Total; image++)
        {
            ReadOnlySpan<double> all = gathered.Slice(image * UnitSums, UnitSums);
            Add(all, total);
            dice += MeanDice(all[1..]);
        }

        CrossEntropy = total[0] / (batch.Total * plane);
        Dice = loss.WholeBatch ? MeanDice(total.AsSpan(1)) : dice / batch.Total;
        Overlaps = [.. Enumerable.Range(0, batch.Count)
            .SelectMany(image => loss.WholeBatch ? total[1..] : images[((image * UnitSums) + 1)..((image + 1) * UnitSums)])];
    }

    // Of the classes of an image, or of the whole batch.
    private double MeanDice(ReadOnlySpan<double> overlaps)
    {
        double sum = 0;
        for (int i = 0; i < overlaps.Length; i += 3)
        {
            sum += ((2 * overlaps[i]) + SegmentationLoss.Smooth) / loss.Denominator(overlaps.Slice(i, 3));
        }

        return sum / (overlaps.Length / 3);
    }

    private static void Add(ReadOnlySpan<double> summand, Span<double> sums)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += summand[i];
        }
    }

    private static bool IsHealthy(ReadOnlySpan<double> overlaps)
    {
        for (int i = 2; i < overlaps.Length; i += 3)
        {
            if (overlaps[i] > 0)
            {
                return false;
            }
        }

        return true;
    }

    protected override void Run(int slot, int from, int to, float* scratch)
    {
        for (int unit = from; unit < to; unit++)
        {
            int image = unit / Chunks;
            nint first = (nint)(unit % Chunks) * Chunk;
            int count = (int)Math.Min(Chunk, plane - first);
            Span<double> unitSums = sums.AsSpan(unit * UnitSums, UnitSums);
            unitSums.Clear();
            float* z = logits + ((nint)image * outputs * plane) + first;
            float* p = probabilities + ((nint)image * outputs * plane) + first;
            byte* target = Target + (image * plane) + first;
            if (outputs == 1)
            {
                Sigmoid(z, p, target, count, unitSums);
            }
            else
            {
                Softmax(z, p, target, count, unitSums);
            }

            if (!loss.IsPlainEntropy)
            {
                unitSums[0] = WeighedEntropy(z, target, count);
            }
        }
    }

    private double WeighedEntropy(float* z, byte* target, int count)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += loss.Weigh(PixelEntropy.Of(z + i, outputs, plane, target[i]), target[i]);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sigmoid(float* z, float* p, byte* target, int count, Span<double> sums)
    {
        Vector512<double> entropy = Vector512<double>.Zero, both = entropy, predicted = entropy, reference = entropy;
        int whole = count / 16 * 16;
        for (int i = 0; i < whole; i += 16)
        {
            Sigmoid(z + i, p + i, target + i, ref entropy, ref both, ref predicted, ref reference);
        }

        sums[0] = Vector512.Sum(entropy);
        sums[1] = Vector512.Sum(both);
        sums[2] = Vector512.Sum(predicted);
        sums[3] = Vector512.Sum(reference);
        if (whole < count)
        {
            // A logit of minus infinity adds nothing to any sum.
            float* lastZ = stackalloc float[16];
            float* lastP = stackalloc float[16];
            byte* lastTarget = stackalloc byte[16];
            new Span<float>(lastZ, 16).Fill(float.NegativeInfinity);
            new Span<byte>(lastTarget, 16).Clear();
            new ReadOnlySpan<float>(z + whole, count - whole).CopyTo(new Span<float>(lastZ, 16));
            new ReadOnlySpan<byte>(target + whole, count - whole).CopyTo(new Span<byte>(lastTarget, 16));
            entropy = both = predicted = reference = Vector512<double>.Zero;
            Sigmoid(lastZ, lastP, lastTarget, ref entropy, ref both, ref predicted, ref reference);
            new ReadOnlySpan<float>(lastP, count - whole).CopyTo(new Span<float>(p + whole, count - whole));
            sums[0] += Vector512.Sum(entropy);
            sums[1] += Vector512.Sum(both);
            sums[2] += Vector512.Sum(predicted);
            sums[3] += Vector512.Sum(reference);
        }
    }

    // Sixteen pixels.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Sigmoid(
        float* z, float* p, byte* target, ref Vector512<double> entropy, ref Vector512<double> both, ref Vector512<double> predicted,
        ref Vector512<double> reference)
    {
        // exp of a negative number alone; -log p = max(-z, 0) + log(1 + exp(-|z|))
        Vector512<float> x = Vector512.Load(z);
        Vector512<float> e = Vector512.Exp(-Vector512.Abs(x));
        Vector512<float> one = Vector512<float>.One;
        Vector512<float> positive = Vector512.GreaterThanOrEqual(x, Vector512<float>.Zero);
        Vector512<float> q = Vector512.ConditionalSelect(positive, one, e) / (one + e);
        q.Store(p);
        Vector512<float> isReference = Vector512.Equals(Classes16(target), one);
        Vector512<float> t = isReference & one;
        AddTo(ref entropy, Vector512.Max(x, Vector512<float>.Zero) - (isReference & x) + Vector512.Log(one + e));
        AddTo(ref both, q * t);
        AddTo(ref predicted, q);
        AddTo(ref reference, t);
    }

    private static Vector512<float> Classes16(byte* target)
    {
        (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(Vector128.Load(target));
        (Vector256<uint> first, Vector256<uint> second) = Vector256.Widen(Vector256.Create(lower, upper));
        return Vector512.ConvertToSingle(Vector512.Create(first, second).AsInt32());
    }

    private static void AddTo(ref Vector512<double> sum, Vector512<float> values) =>
        sum += Vector512.WidenLower(values) + Vector512.WidenUpper(values);

    private void Softmax(float* z, float* p, byte* target, int count, Span<double> sums)
    {
        for (int i = 0; i < count; i++)
        {
            float largest = float.NegativeInfinity;
            for (int c = 0; c < outputs; c++)
            {
                largest = MathF.Max(largest, z[(c * plane) + i]);
            }

            float total = 0;
            for (int c = 0; c < outputs; c++)
            {
                total += p[(c * plane) + i] = MathF.Exp(z[(c * plane) + i] - largest);
            }

            sums[0] += MathF.Log(total) + largest - z[(target[i] * plane) + i];
            for (int c = 0; c < outputs; c++)
            {
                float q = p[(c * plane) + i] /= total;
                if (c > 0)
                {
                    int t = target[i] == c ? 1 : 0;
                    sums[(3 * c) - 2] += q * t;
                    sums[(3 * c) - 1] += q;
                    sums[3 * c] += t;
                }
            }
        }
    }
}
