using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Tests;

/// <summary>Comparison of images that went through a lossy format.</summary>
internal static class Close
{
    public static void To(Image expected, Image actual, int tolerance)
    {
        Assert.Equal((expected.Width, expected.Height, expected.Channels), (actual.Width, actual.Height, actual.Channels));
        for (int i = 0; i < expected.Pixels.Length; i++)
        {
            Assert.InRange(actual.Pixels[i], expected.Pixels[i] - tolerance, expected.Pixels[i] + tolerance);
        }
    }
}
