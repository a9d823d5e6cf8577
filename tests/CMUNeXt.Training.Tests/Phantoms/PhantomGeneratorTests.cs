using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Training.Tests.Phantoms;

public sealed class PhantomGeneratorTests
{
    [Fact]
    public void A_case_depends_on_seed_and_index_alone()
    {
        (Image image, Mask mask) = PhantomGenerator.Create(41, 3);
        (Image again, Mask maskAgain) = PhantomGenerator.Create(41, 3);
        Assert.Equal(image.Pixels, again.Pixels);
        Assert.Equal(mask.Pixels, maskAgain.Pixels);
        Assert.NotEqual(image.Pixels, PhantomGenerator.Create(41, 4).Image.Pixels);
        Assert.NotEqual(image.Pixels, PhantomGenerator.Create(42, 3).Image.Pixels);
    }

    [Fact]
    public void Cases_vary_and_lesions_are_darker_than_what_is_beside_them()
    {
        int without = 0;
        int darker = 0;
        HashSet<int> widths = [];
        const int cases = 12;
        for (int index = 0; index < cases; index++)
        {
            (Image image, Mask mask) = PhantomGenerator.Create(7, index);
            Assert.Equal(1, image.Channels);
            Assert.Equal((image.Width, image.Height), (mask.Width, mask.Height));
            Assert.InRange(image.Width, 320, 800);
            Assert.InRange(image.Height, 290, 760);
            Assert.InRange(image.Pixels.Average(v => (double)v), 40, 150);
            widths.Add(image.Width);
            Assert.All(mask.Pixels.Distinct(), value => Assert.InRange(value, 0, 1));
            double part = (double)mask.Area() / mask.Pixels.Length;
            Assert.InRange(part, 0, 0.4);
            if (part == 0)
            {
                without++;
                continue;
            }

            (double inside, double beside) = Means(image, mask);
            darker += inside < beside ? 1 : 0;
        }

        Assert.InRange(without, 0, cases / 2);
        Assert.InRange(widths.Count, cases / 2, cases);
        Assert.InRange(darker, (int)(0.9 * (cases - without)), cases);
    }

    [Fact]
    public void One_case_in_eight_has_no_lesion()
    {
        int[] counts = new int[3];
        for (int index = 0; index < 8000; index++)
        {
            counts[PhantomGenerator.NumberOfLesions(new PhantomRandom(1, index))]++;
        }

        Assert.InRange(counts[0], 880, 1120);
        Assert.InRange(counts[2], 590, 810);
    }

    [Fact]
    public void A_negative_index_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PhantomGenerator.Create(1, -1));
    }

    // The mean inside, and the mean of the pixels outside that lie in the same rows within 30 columns of the mask.
    private static (double Inside, double Beside) Means(Image image, Mask mask)
    {
        List<double> inside = [];
        List<double> beside = [];
        for (int y = 0; y < mask.Height; y++)
        {
            ReadOnlySpan<byte> row = mask.Pixels.AsSpan(y * mask.Width, mask.Width);
            int first = row.IndexOf((byte)1);
            int last = row.LastIndexOf((byte)1);
            for (int x = Math.Max(0, first - 30); first >= 0 && x < Math.Min(mask.Width, last + 31); x++)
            {
                (row[x] == 1 ? inside : beside).Add(image.Pixels[(y * mask.Width) + x]);
            }
        }

        return (inside.Average(), beside.Average());
    }
}
