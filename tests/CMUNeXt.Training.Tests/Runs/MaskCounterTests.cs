using CMUNeXt.Backends;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Tests.Runs;

public sealed class MaskCounterTests
{
    // A lesion that is found, a healthy image in which nothing is, and one whose only lesion is ignored, or lost at the network's size.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void An_image_that_is_neither_healthy_nor_shows_a_lesion_has_no_part(int outputs)
    {
        MaskCounter counter = new(outputs);
        Add(lesion: true, found: true, isHealthy: false);
        Add(lesion: false, found: false, isHealthy: true);
        Add(lesion: false, found: true, isHealthy: false);
        foreach (MaskMetrics metrics in (MaskMetrics[])[counter.ToMetrics(), counter.Gather(new RankShare(null)).ToMetrics()])
        {
            Assert.Equal((1.0, 2), (metrics.Presence, metrics.Found));
            Assert.Equal(1, metrics.Iou);
        }

        // Two pixels, of which the first may be of the first class.
        void Add(bool lesion, bool found, bool isHealthy)
        {
            float[] logits = new float[2 * outputs];
            logits[outputs == 1 ? 0 : 2] = found ? 1 : -1;
            counter.Add(new Batch(1, 1, 2, [], [lesion ? (byte)1 : (byte)0, 0]), logits, isHealthy);
        }
    }
}
