using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

public class PresenceTests
{
    [Theory]
    [InlineData(1, 37, 29)]
    [InlineData(1, 256, 192)]
    [InlineData(3, 40, 130)]
    [InlineData(1, 1, 1)]
    [InlineData(1, 3, 200)]
    public void The_score_is_the_log_mean_exp_of_the_filtered_logits(int outputs, int width, int height)
    {
        Random random = new(width);
        float[] logits = [.. Enumerable.Range(0, outputs * width * height).Select(_ => (float)((random.NextDouble() * 30) - 20))];

        Assert.Equal(Plain(logits, outputs, width, height), Presence.Score(logits, outputs, width, height), 9);
    }

    [Theory]
    [InlineData(1, 192, 150, 0, 31, 192, 88)]
    [InlineData(3, 40, 130, 12, 0, 7, 130)]
    public void Of_a_part_it_is_as_if_there_were_no_more(int outputs, int width, int height, int x, int y, int partWidth, int partHeight)
    {
        Random random = new(width);
        float[] logits = [.. Enumerable.Range(0, outputs * width * height).Select(_ => (float)((random.NextDouble() * 30) - 20))];
        BoundingBox part = new(x, y, partWidth, partHeight);

        Assert.Equal(Plain(logits, outputs, width, height, part), Presence.Score(logits, outputs, width, height, part), 9);
    }

    [Theory]
    [InlineData(300, 200)]
    [InlineData(50, 170)]
    public void What_a_network_finds_in_the_bars_beside_an_image_counts_for_nothing(int width, int height)
    {
        Preprocessing letterbox = new() { Width = 64, Height = 64, Letterbox = true };
        (int canvas, _, int left, int top) = letterbox.CanvasOf(width, height);
        double scale = 64.0 / canvas;
        float[] logits = new float[64 * 64];
        for (int i = 0; i < logits.Length; i++)
        {
            double x = ((i % 64) + 0.5) / scale;
            double y = ((i / 64) + 0.5) / scale;
            logits[i] = x >= left && x < left + width && y >= top && y < top + height ? -5 : 10;
        }

        Assert.Equal(-5, Segmentation.FromLogits(
            logits, 1, 64, 64, width, height, 0.5f, canvas: letterbox.CanvasOf(width, height)).Presence, 12);
    }

    [Fact]
    public void Even_logits_are_their_own_score_however_large() =>
        Assert.Equal(-3000, Presence.Score([.. Enumerable.Repeat(-3000f, 64 * 48)], 1, 64, 48), 9);

    [Fact]
    public void A_small_lesion_counts_for_more_than_a_single_pixel()
    {
        float[] pixel = [.. Enumerable.Repeat(-8f, 128 * 128)];
        float[] lesion = [.. pixel];
        pixel[(64 * 128) + 64] = 8;
        for (int i = 0; i < 144; i++)
        {
            lesion[((58 + (i / 12)) * 128) + 58 + (i % 12)] = 8;
        }

        Assert.InRange(Presence.Score(pixel, 1, 128, 128), -8, -7.9);
        Assert.InRange(Presence.Score(lesion, 1, 128, 128), -1, 8);
    }

    [Fact]
    public void Nothing_is_outlined_at_or_below_the_threshold()
    {
        float[] logits = [.. Enumerable.Repeat(1f, 16 * 16)];
        Segmentation below = Segment(1);
        Segmentation above = Segment(0.99);

        Assert.True(below.IsBelowPresence);
        Assert.Equal(0, below.Area);
        Assert.Empty(below.Lesions);
        Assert.Equal(above.Probabilities[0], below.Probabilities[0]);
        Assert.False(above.IsBelowPresence);
        Assert.Equal(16 * 16, above.Area);
        Assert.Equal(1, above.Presence, 12);

        Segmentation Segment(double score) => Segmentation.FromLogits(
            logits, 1, 16, 16, 16, 16, 0.5f, null, new PresenceThreshold { Score = score, Specificity = 0.95, HealthyImages = 40 });
    }

    private static double Plain(float[] logits, int outputs, int width, int height, BoundingBox? part = null)
    {
        int radius = Presence.Radius(width, height);
        BoundingBox shown = part ?? new BoundingBox(0, 0, width, height);
        (int right, int bottom) = (shown.X + shown.Width, shown.Y + shown.Height);
        double sum = 0;
        for (int y = shown.Y; y < bottom; y++)
        {
            for (int x = shown.X; x < right; x++)
            {
                double total = 0;
                int count = 0;
                for (int v = Math.Max(shown.Y, y - radius); v <= Math.Min(bottom - 1, y + radius); v++)
                {
                    for (int u = Math.Max(shown.X, x - radius); u <= Math.Min(right - 1, x + radius); u++)
                    {
                        double At(int c) => logits[(((c * height) + v) * width) + u];
                        total += outputs == 1 ? At(0) : Math.Log(Enumerable.Range(1, outputs - 1).Sum(c => Math.Exp(At(c)))) - At(0);
                        count++;
                    }
                }

                sum += Math.Exp(total / count);
            }
        }

        return Math.Log(sum / (shown.Width * shown.Height));
    }
}
