using CMUNeXt.Images;

namespace CMUNeXt.Server.Api;

/// <summary>A probability in 8 bits that decides as the probability itself does, for 255 thresholds.</summary>
internal static class ProbabilityImage
{
    private static readonly float[] Thresholds = [.. Enumerable.Range(0, 255).Select(static k => (float)((k + 0.5) / 255))];

    /// <summary>A gray image whose values are above k exactly where the probability is above (k + 0.5) / 255.</summary>
    /// <param name="segmentation">One class.</param>
    public static Image Of(Segmentation segmentation)
    {
        float[] probability = segmentation.Probabilities[0];
        byte[] pixels = new byte[probability.Length];
        for (int i = 0; i < pixels.Length; i++)
        {
            int level = Math.Clamp((int)Math.Ceiling((255.0 * probability[i]) - 0.5), 0, 255);

            // The threshold is a number of 32 bits, and so a little beside (k + 0.5) / 255.
            level -= level > 0 && probability[i] <= Thresholds[level - 1] ? 1 : 0;
            level += level < 255 && probability[i] > Thresholds[level] ? 1 : 0;
            pixels[i] = (byte)level;
        }

        return new Image(segmentation.Width, segmentation.Height, 1, pixels);
    }
}
