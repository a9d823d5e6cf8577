using System.Text.Json;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Passes;

namespace CMUNeXt.Tests.Engine.Training.Loss;

/// <summary>
/// The losses and their gradients against <see cref="PlainLoss"/> in double precision, and the plain gradient against difference quotients.
/// </summary>
public sealed class SegmentationLossTests
{
    private const int Height = 7;
    private const int Width = 10;

    public static TheoryData<string, int> Each
    {
        get
        {
            TheoryData<string, int> data = [];
            foreach (string name in Losses.Keys)
            {
                data.Add(name, 1);
                if (name is not ("presence" or "recipe"))
                {
                    data.Add(name, 4);
                }
            }

            return data;
        }
    }

    private static Dictionary<string, SegmentationLoss> Losses { get; } = new()
    {
        ["published"] = new(0.5, 1),
        ["cross-entropy"] = new(1, 0),
        ["dice"] = new(0, 1),
        ["batch dice"] = new(0, 1, WholeBatch: true),
        ["focal"] = new(1, 0, Focal: 2),
        ["focal of exponent 1"] = new(0.5, 1, Focal: 1),
        ["Tversky"] = new(0, 1, FalsePositives: 0.3, FalseNegatives: 0.7),
        ["Tversky of the batch"] = new(0, 1, WholeBatch: true, FalsePositives: 0.9, FalseNegatives: 0.4),
        ["class weights"] = new(0.5, 1, ClassWeights: [0.5, 2, 1, 3]),
        ["all weights"] = new(0.5, 1, Focal: 1.5, FalsePositives: 0.2, FalseNegatives: 0.8, ClassWeights: [0.5, 2, 1, 3]),
        ["worst pixels"] = new(1, 0, HealthyPixels: 0.1),
        ["one pixel"] = new(1, 0, HealthyPixels: 1e-6),
        ["presence"] = new(0, 0, Presence: 0.7),
        ["teacher"] = new(0.5, 1, Distillation: 0.4, Temperature: 3),
        ["recipe"] = new(1, 1, WholeBatch: true, HealthyPixels: 0.05, Presence: 0.3, Distillation: 0.5, Temperature: 2),
    };

    [Theory]
    [MemberData(nameof(Each))]
    public void Loss_and_gradient_are_those_of_the_plain_loss(string name, int outputs)
    {
        SegmentationLoss loss = Losses[name];
        (float[] logits, byte[] target, float[] teacher) = Batch(3, outputs);
        float[]? taught = loss.Distillation > 0 ? teacher : null;
        int radius = name == "presence" ? 2 : 1;
        (double value, float[] gradient) = Run(loss, logits, target, taught, 3, outputs, radius);
        double[] z = Array.ConvertAll(logits, static logit => (double)logit);
        double Plain() => PlainLoss.Of(loss, z, target, taught, 3, outputs, Height, Width, radius);
        Assert.Equal(Plain(), value, 1e-5);

        // The worst pixels stay the same ones for so small a change.
        const double Change = 1e-6;
        double largest = gradient.Max(Math.Abs);
        Assert.True(largest > 1e-4);
        double[] plain = PlainLossGradient.Of(loss, z, target, taught, 3, outputs, Height, Width, radius);
        for (int i = 0; i < z.Length; i++)
        {
            double kept = z[i];
            z[i] = kept + Change;
            double above = Plain();
            z[i] = kept - Change;
            double quotient = (above - Plain()) / (2 * Change);
            z[i] = kept;
            Assert.Equal(quotient, plain[i], (1e-6 * largest) + 1e-9);
            Assert.Equal(plain[i], gradient[i], (1e-4 * largest) + 1e-7);
        }
    }

    [Fact]
    public void The_published_loss_is_that_of_the_original_code()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Golden.PathOf("loss_metrics", "cases.json")));
        Assert.Equal(12, golden.RootElement.GetArrayLength());
        foreach (JsonElement expected in golden.RootElement.EnumerateArray())
        {
            int[] shape = [.. expected.GetProperty("shape").EnumerateArray().Select(size => size.GetInt32())];
            int count = shape.Aggregate((product, size) => product * size);
            double threshold = expected.GetProperty("target_threshold").GetDouble();
            float[] logits = [.. Formula.Input(expected.GetProperty("logit_key").GetInt32(), count).Select(v => 6 * v)];
            byte[] target =
            [
                .. Formula.Input(expected.GetProperty("target_key").GetInt32(), count).Select(v => v > threshold ? (byte)1 : (byte)0),
            ];
            double loss = expected.GetProperty("loss").GetDouble();
            Assert.Equal(loss, Losses["published"].Of(logits, target, shape[0], 1, shape[3]), 1e-5 * loss);
            double plain = PlainLoss.Of(
                Losses["published"], Array.ConvertAll(logits, static v => (double)v), target, null, shape[0], 1, shape[2], shape[3],
                radius: 1);
            Assert.Equal(loss, plain, 1e-5 * loss);
        }
    }

    [Fact]
    public void Without_a_teacher_the_loss_alone_is_that_of_a_step()
    {
        (float[] logits, byte[] target, _) = Batch(3, 1);
        SegmentationLoss loss = Losses["recipe"];
        Assert.Equal(Run(loss, logits, target, null, 3, 1, radius: 1).Value, loss.Of(logits, target, 3, 1, Width), 1e-12);
    }

    [Fact]
    public unsafe void Equally_bad_pixels_share_the_last_places()
    {
        // Six pixels, of which three count: one is worse, three are equal.
        float[] logits = [-1, 2, 2, 5, 2, -3];
        fixed (float* z = logits)
        {
            WorstPixels worst = WorstPixels.Of(z, 1, 6, 0.5);
            double[] shares = [.. Enumerable.Range(0, 6).Select(i => Share(worst, logits[i]))];
            Assert.Equal(
                [0, 2 / 9.0, 2 / 9.0, 1 / 3.0, 2 / 9.0, 0],
                shares.Select(share => Math.Round(share, 15))
                    .Zip([0, 2 / 9.0, 2 / 9.0, 1 / 3.0, 2 / 9.0, 0], (a, b) => Math.Abs(a - b) < 1e-12 ? b : a));
            Assert.Equal((Math.Log(1 + Math.Exp(5)) + (2 * Math.Log(1 + Math.Exp(2)))) / 3, worst.CrossEntropy, 1e-9);
        }

        static double Share(WorstPixels worst, float logit) => worst.ShareOf(&logit, 1, 6);
    }

    [Fact]
    public unsafe void The_worst_pixels_are_those_that_sorting_finds()
    {
        Random random = new(1);
        for (int n = 0; n < 200; n++)
        {
            float[] logits = [.. Enumerable.Range(0, 1 + random.Next(300))
                .Select(_ => (float)Math.Round((random.NextDouble() * 8) - 4, random.Next(1, 4)))];
            double share = random.NextDouble();
            int count = Math.Max((int)Math.Round(share * logits.Length), 1);
            float[] sorted = [.. logits.OrderDescending().Take(count)];
            fixed (float* z = logits)
            {
                WorstPixels worst = WorstPixels.Of(z, 1, logits.Length, Math.Max(share, 1e-9));
                Assert.Equal(sorted[^1], worst.Threshold);
                Assert.Equal(sorted.Average(logit => Math.Log(1 + Math.Exp(logit))), worst.CrossEntropy, 1e-9);
                double all = 0;
                for (int i = 0; i < logits.Length; i++)
                {
                    all += worst.ShareOf(z + i, 1, logits.Length);
                }

                Assert.Equal(1, all, 1e-9);
            }
        }
    }

    // The first image is healthy.
    private static (float[] Logits, byte[] Target, float[] Teacher) Batch(int images, int outputs)
    {
        Random random = new(outputs);
        int pixels = Height * Width;
        float[] Values() => [.. Enumerable.Range(0, images * outputs * pixels).Select(_ => (float)((random.NextDouble() * 6) - 3))];
        byte[] target =
        [
            .. Enumerable.Range(0, images * pixels).Select(i => i < pixels ? (byte)0 : (byte)random.Next(Math.Max(outputs, 2))),
        ];
        return (Values(), target, Values());
    }

    private static unsafe (double Value, float[] Gradient) Run(
        SegmentationLoss loss, float[] logits, byte[] target, float[]? teacher, int images, int outputs, int radius)
    {
        BatchSize batch = new(images);
        nint plane = Height * Width;
        float[] gradient = new float[logits.Length];
        fixed (float* z = logits, g = gradient, taught = teacher)
        {
            fixed (byte* classes = target)
            {
                LossForward forward = new(batch, outputs, plane, z, g, loss)
                {
                    Name = "loss", Target = classes, Weight = taught is null ? 1 : 1 - loss.Distillation,
                };
                Run(forward);
                Run(new LossBackward(batch, outputs, plane, g, forward, loss) { Name = "loss" });
                double value = loss.Of(forward);
                if (loss.Presence > 0)
                {
                    PresenceLoss presence = new(batch, Height, Width, z, g, loss.Presence, radius) { Name = "presence", Target = classes };
                    Run(presence);
                    value += presence.Value;
                }

                DistillationLoss distillation = new(batch, outputs, plane, z, g, loss.Distillation, loss.Temperature)
                {
                    Name = "distillation", IsTaught = teacher is not null, Teacher = taught,
                };
                if (distillation.IsNeeded)
                {
                    Run(distillation);
                    value += distillation.Value;
                }

                return (value, gradient);
            }
        }
    }

    private static unsafe void Run(Pass pass)
    {
        using NativeBuffer scratch = new(pass.Scratch + 1);
        for (int task = 0; task < pass.Tasks; task++)
        {
            pass.Run(task, scratch.Data);
        }

        pass.Finish();
    }
}
