using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Phantoms;
using CMUNeXt.Training.Tests.Preparation;

namespace CMUNeXt.Training.Tests.Data;

public sealed class NearCopiesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Copies_of_phantoms_are_found_and_no_others()
    {
        for (int i = 0; i < 10; i++)
        {
            Write($"p{i}", PhantomGenerator.Create(7, i).Image);
        }

        Image original = PhantomGenerator.Create(7, 3).Image;
        Write("p3_brighter", Map(original, (v, _, _) => (byte)Math.Min(255, (0.7 * v) + 60)));
        Write("p3_depth_gain", Map(original, (v, _, y) => (byte)Math.Min(255, v * (0.6 + (0.8 * y / original.Height)))));
        Write("p3_calipers",
            Map(original, (v, x, y) => Math.Abs(x - 150) < 2 || Math.Abs(y - 120) < 2 || (x < 90 && y < 20) ? (byte)255 : v));
        Write("p3_cropped", Crop(original, original.Width / 5, 4, original.Width - (original.Width / 5), original.Height - 8));
        Write("p3_smaller", Resized(original, original.Width / 2, original.Height / 2));

        IReadOnlyList<IReadOnlyList<string>> groups = CaseGroups.Find(Cases, cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(
            [["p3", "p3_brighter", "p3_calipers", "p3_cropped", "p3_depth_gain", "p3_smaller"]],
            groups.Where(g => g.Count > 1));
        Assert.Equal(15, CaseGroups.Find(Cases, nearCopies: false, cancellation: TestContext.Current.CancellationToken).Count);
    }

    [Fact]
    public void The_similarity_of_an_image_with_itself_is_1_however_it_is_rounded()
    {
        for (int i = 0; i < 10; i++)
        {
            Image image = PhantomGenerator.Create(7, i).Image;
            Write($"p{i}", image);
            Write($"p{i}_again", image);
        }

        IReadOnlyList<NearCopy> copies = NearCopies.Find(Cases, cancellation: TestContext.Current.CancellationToken);

        NearCopy[] same = [.. copies.Where(static copy => copy.Second == $"{copy.First}_again")];
        Assert.Equal(10, same.Length);
        Assert.All(same, static copy => Assert.InRange(copy.Similarity, 0.9999, 1));
    }

    [Fact]
    public void What_all_images_of_a_shape_share_makes_none_a_copy()
    {
        // A frame with a scale around images half as large, as DDTI has.
        for (int i = 0; i < 14; i++)
        {
            Image inside = Resized(PhantomGenerator.Create(9, i).Image, 140, 120);
            byte[] pixels = new byte[280 * 240];
            for (int y = 0; y < 240; y++)
            {
                for (int x = 0; x < 280; x++)
                {
                    bool within = x is >= 70 and < 210 && y is >= 60 and < 180;
                    pixels[(y * 280) + x] = within ? inside.Pixels[((y - 60) * 140) + x - 70] : x % 70 < 12 && y % 48 < 8 ? (byte)230
                        : (byte)0;
                }
            }

            Write($"p{i:00}", new Image(280, 240, 1, pixels));
        }

        Assert.Empty(NearCopies.Find(Cases, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_correlation_of_shifted_thumbnails_is_that_of_the_formula()
    {
        Thumbnail one = Thumbnail.Of(PhantomGenerator.Create(3, 0).Image, 16);
        Thumbnail other = Thumbnail.Of(Crop(PhantomGenerator.Create(3, 0).Image, 90, 30, 260, 220), 16);

        ShiftedMatch best = new ShiftedCorrelation(one).Best(new ShiftedCorrelation(other));

        Assert.Equal(Formula(one, other, best.Row, best.Column), best.Correlation, 5);
        for (int row = -8; row <= 8; row++)
        {
            for (int column = -one.Columns; column <= other.Columns; column++)
            {
                Assert.InRange(Formula(one, other, row, column), -1, best.Correlation + 1e-5);
            }
        }
    }

    [Fact]
    public void A_part_of_a_wide_image_is_found_wherever_it_lies_and_whichever_comes_first()
    {
        Image[] halves = [PhantomGenerator.Create(3, 1).Image, PhantomGenerator.Create(3, 2).Image];
        Image[] square = [.. halves.Select(image => Resized(image, 240, 240))];
        byte[] both = [.. Enumerable.Range(0, 240).SelectMany(y => square.SelectMany(half => half.Pixels[(y * 240)..][..240]))];
        Thumbnail wide = Thumbnail.Of(new Image(480, 240, 1, both), 16);
        foreach (Image half in square)
        {
            ShiftedCorrelation part = new(Thumbnail.Of(Crop(half, 40, 0, 160, 240), 16));
            double expected = new ShiftedCorrelation(wide).Best(part).Correlation;
            Assert.Equal(expected, part.Best(new ShiftedCorrelation(wide)).Correlation, 5);
            Assert.InRange(expected, 0.9, 1);
        }
    }

    [Fact]
    public void Cases_that_leak_are_those_in_training_and_their_copies()
    {
        Image original = PhantomGenerator.Create(5, 0).Image;
        Write("train_a", original);
        Write("train_b", PhantomGenerator.Create(5, 1).Image);
        Write("copy_of_a", Map(original, (v, _, _) => (byte)(v / 2)));
        Write("new", PhantomGenerator.Create(5, 2).Image);
        DataSet data = DataSet.Open(folder.Path);

        IReadOnlyList<string> leaking = LeakingCases.Find(
            data.Resolve(["train_a", "train_b"], "train"),
            data.Resolve(["new", "copy_of_a", "train_b"], "val"),
            cancellation: TestContext.Current.CancellationToken);

        Assert.Equal(["copy_of_a", "train_b"], leaking);
    }

    private IReadOnlyList<Case> Cases => DataSet.Open(folder.Path).Cases;

    private void Write(string name, Image image)
    {
        ImageFile.SavePng(folder[$"images/{name}.png"], image);
        ImageFile.SavePng(folder[$"masks/0/{name}.png"], new Image(image.Width, image.Height, 1, new byte[image.Width * image.Height]));
    }

    // The plain one: mean-free as the thumbnails are, over the blocks that meet; 0 where they are fewer than half of the smaller.
    private static double Formula(Thumbnail one, Thumbnail other, int row, int column)
    {
        double product = 0;
        double energyOfOne = 0;
        double energyOfOther = 0;
        int meeting = 0;
        for (int r = 0; r < one.Rows; r++)
        {
            for (int c = 0; c < one.Columns; c++)
            {
                if (r + row >= 0 && r + row < other.Rows && c + column >= 0 && c + column < other.Columns)
                {
                    double a = one.Values[(r * one.Columns) + c];
                    double b = other.Values[((r + row) * other.Columns) + c + column];
                    product += a * b;
                    energyOfOne += a * a;
                    energyOfOther += b * b;
                    meeting++;
                }
            }
        }

        return 2 * meeting < one.Rows * Math.Min(one.Columns, other.Columns) ? 0 : product / Math.Sqrt(energyOfOne * energyOfOther);
    }

    private static Image Map(Image image, Func<byte, int, int, byte> map) => new(
        image.Width, image.Height, 1, [.. image.Pixels.Select((value, i) => map(value, i % image.Width, i / image.Width))]);

    private static Image Crop(Image image, int left, int top, int width, int height) => new(
        width, height, 1,
        [.. Enumerable.Range(0, width * height).Select(i => image.Pixels[((top + (i / width)) * image.Width) + left + (i % width)])]);

    private static Image Resized(Image image, int width, int height) => new(
        width, height, 1, new Mask(image.Width, image.Height, image.Pixels).Resize(width, height).Pixels);
}

public sealed class NearCopiesOfBusiTests(PreparedBusi busi) : IClassFixture<PreparedBusi>
{
    // "Curated BUSI" (caumente/multi_task_breast_cancer, data/mapping_curated_BUSI.csv) drops these, both copies of each.
    private static readonly Dictionary<string, string> Curated = new()
    {
        ["benign"] = "1-19 21 25 30 33 35 37-38 42 44 50-52 58 60 62 64-65 81 85-86 96 99 105 110 127-136 138-141 150-158 163-164 177 197 "
            + "199-211 213-242 244-282 284-285 287-310 312 316 318-333 395-396 399-400 404 406 411-413 415 419 421-426 433 437",
        ["malignant"] = "4-5 7-10 12-15 17-18 34 39 42 51-52 65-66 77-78 80-81 88 92-99 106-107 109-112 114 116 118-119 123 128-129 145",
        ["normal"] = "1 5 13 19-35 38-64 67-69 81 97-98 104 107 119-132",
    };

    [Fact]
    public void The_copies_that_others_found_in_BUSI_are_found()
    {
        Assert.Empty(busi.Report.Problems);
        HashSet<string> known = [.. Curated.SelectMany(folder => Numbers(folder.Value).Select(n => $"{folder.Key} ({n})"))];
        Assert.Equal(330, known.Count);

        CopiesReport report = CopiesReport.Of(DataSet.Open(busi.Output).Cases, cancellation: TestContext.Current.CancellationToken);
        HashSet<string> found = [.. report.Groups.SelectMany(g => g)];

        // What is found beyond them are neighboring frames and a crop (malignant 11 and 113) that they passed over.
        int both = found.Count(known.Contains);
        Assert.InRange((double)both / known.Count, 0.985, 1);
        Assert.InRange((double)both / found.Count, 0.945, 1);
        Assert.Contains(report.Groups, g => g.Contains("malignant (11)") && g.Contains("malignant (113)"));
        Assert.Contains(report.Groups, g => g.Contains("malignant (145)") && g.Contains("benign (433)"));
    }

    private static IEnumerable<int> Numbers(string ranges) => ranges.Split(' ').SelectMany(range =>
    {
        int[] ends = [.. range.Split('-').Select(int.Parse)];
        return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
    });
}
