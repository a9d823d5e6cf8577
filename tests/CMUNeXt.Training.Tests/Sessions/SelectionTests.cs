using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>Ten cases of which six are healthy, in both lists alike.</summary>
public sealed class SelectionTests : IDisposable
{
    private const int Size = 32;

    private readonly TemporaryFolder folder = new();
    private readonly TrainingOptions options;

    public SelectionTests()
    {
        for (int i = 0; i < 10; i++)
        {
            WriteCase($"case_{i}", lesion: i % 5 < 2, seed: i);
        }

        folder.WriteText("train.txt", "case_0\ncase_1\ncase_2\ncase_3\ncase_4\n");
        folder.WriteText("val.txt", "case_5\ncase_6\ncase_7\ncase_8\ncase_9\n");
        folder.WriteText("lesions.txt", "case_0\ncase_1\n");
        folder.WriteText("healthy.txt", "case_7\ncase_8\n");
        options = new TrainingOptions
        {
            Data = folder.Path,
            Train = folder["train.txt"],
            Validation = folder["val.txt"],
            Network = TinyCMUNeXt.Describe(),
            Protocol = new TrainingProtocol { Epochs = 4, Batch = 2, Width = Size, Height = Size, LearningRate = 0.05 },
            Threads = 1,
        };
    }

    public void Dispose() => folder.Dispose();

    public static TheoryData<SelectionKind?> Kinds =>
        new([(SelectionKind?)null, .. Enum.GetValues<SelectionKind>().Cast<SelectionKind?>()]);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_network_that_marks_nothing_is_kept_without_a_warning(SelectionKind? select)
    {
        for (ulong seed = 1; seed <= 4; seed++)
        {
            using TrainingSession session = TrainingSession.Begin(
                Path.Combine(folder.Path, $"run {seed}"),
                options with { Protocol = options.Protocol! with { Select = select, Seed = seed } });
            RunProgress progress = session.Run(cancellation: TestContext.Current.CancellationToken);
            Assert.Equal(CountMarked(session.Folder.BestPath) == 0, progress.Best!.FindsNothing);
            Assert.Equal(CountMarked(session.Folder.BestPath), progress.Best.Masks!.Found);
        }
    }

    // Only the background counts, so that each seed learns to mark nothing.
    [Fact]
    public void A_network_that_has_learnt_to_mark_nothing_is_told_of()
    {
        for (ulong seed = 1; seed <= 4; seed++)
        {
            using TrainingSession session = TrainingSession.Begin(
                Path.Combine(folder.Path, $"run {seed}"),
                options with
                {
                    Protocol = options.Protocol! with
                    {
                        Loss = LossKind.CrossEntropy,
                        ClassWeights = [1, 0],
                        Select = SelectionKind.Last,
                        Seed = seed,
                    },
                });
            Assert.True(session.Run(cancellation: TestContext.Current.CancellationToken).Best!.FindsNothing);
        }
    }

    [Fact]
    public void By_itself_the_published_IoU_chooses_only_where_every_case_holds_a_lesion()
    {
        Assert.Equal(SelectionKind.Iou, Settled(options));
        Assert.Equal(SelectionKind.Iou, Settled(options with { Train = folder["lesions.txt"] }));
        Assert.Equal(SelectionKind.Iou, Settled(options with { Validation = folder["lesions.txt"] }));
        Assert.Equal(SelectionKind.Published, Settled(options with { Train = folder["lesions.txt"], Validation = folder["lesions.txt"] }));
        Assert.Equal(
            SelectionKind.Published, Settled(options with { Protocol = options.Protocol! with { Select = SelectionKind.Published } }));
    }

    [Theory]
    [InlineData(null, "healthy.txt", "none of its cases holds a lesion")]
    [InlineData(SelectionKind.Dice, "healthy.txt", "none of its cases holds a lesion")]
    [InlineData(SelectionKind.Presence, "healthy.txt", "both healthy images and others")]
    [InlineData(SelectionKind.Presence, "lesions.txt", "both healthy images and others")]
    public void A_list_that_cannot_choose_is_refused(SelectionKind? select, string list, string said)
    {
        TrainingOptions asked = options with { Validation = folder[list], Protocol = options.Protocol! with { Select = select } };
        BadFileException e = Assert.Throws<BadFileException>(() => Settled(asked));
        Assert.Equal(folder[list], e.Path);
        Assert.Contains(said, e.Problem, StringComparison.Ordinal);
        Assert.Contains("(--select)", e.Problem, StringComparison.Ordinal);
        Assert.Equal(SelectionKind.Loss, Settled(asked with { Protocol = asked.Protocol! with { Select = SelectionKind.Loss } }));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(SelectionKind.Dice)]
    [InlineData(SelectionKind.Presence)]
    public void Lesions_that_are_lost_at_the_networks_size_cannot_choose(SelectionKind? select)
    {
        // Of twice as many rows and columns every other one is left.
        byte[] mask = new byte[4 * Size * Size];
        mask[(2 * Size) + 1] = 255;
        foreach (string below in (string[])["images", "masks/0"])
        {
            ImageFile.SavePng(folder[$"{below}/tiny.png"], new Image(2 * Size, 2 * Size, 1, mask));
        }

        folder.WriteText("tiny.txt", "tiny\ncase_7\n");
        TrainingOptions asked = options with { Validation = folder["tiny.txt"], Protocol = options.Protocol! with { Select = select } };
        BadFileException e = Assert.Throws<BadFileException>(() => Settled(asked));
        Assert.Equal(folder["tiny.txt"], e.Path);
        Assert.StartsWith("no pixel of its lesions is left at 32 x 32", e.Problem, StringComparison.Ordinal);
        Assert.Equal(SelectionKind.Last, Settled(asked with { Protocol = asked.Protocol! with { Select = SelectionKind.Last } }));
        Assert.Equal(select ?? SelectionKind.Iou, Settled(asked with { Protocol = asked.Protocol! with { Width = 64, Height = 64 } }));
    }

    [Fact]
    public void An_image_whose_only_lesion_is_ignored_is_no_healthy_one()
    {
        File.Copy(folder["masks/0/case_5.png"], folder["masks/ignore/case_7.png"]);
        folder.WriteText("unknown.txt", "case_5\ncase_7\n");
        TrainingOptions asked = options with
        {
            Validation = folder["unknown.txt"],
            Protocol = options.Protocol! with { Select = SelectionKind.Presence },
        };
        Assert.Contains(
            "both healthy images and others", Assert.Throws<BadFileException>(() => Settled(asked)).Problem, StringComparison.Ordinal);
        folder.WriteText("train.txt", "case_0\ncase_7\n");
        Assert.Contains(
            "no healthy images", Assert.Throws<BadFileException>(
                () => Settled(options with { Protocol = options.Protocol! with { HealthyShare = 0.25 } })).Problem,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Patience_needs_something_that_rises() => Assert.Throws<SettingsException>(
        () => Settled(options with { Protocol = options.Protocol! with { Select = SelectionKind.Last, Patience = 2 } }));

    private SelectionKind Settled(TrainingOptions asked)
    {
        using TrainingSession session = TrainingSession.Begin(Path.Combine(folder.Path, "none"), asked);
        return session.Settings.Selection;
    }

    // The images have the network's size, so that nothing is resized.
    private int CountMarked(string weights)
    {
        LoadedWeights loaded = WeightsFile.Load(weights);
        using Network network = BackendRegistry.Open(loaded, threads: 1);
        using Segmenter segmenter = new(network, loaded.Metadata!.Preprocessing);
        return Enumerable.Range(5, 5).Count(i => segmenter.Segment(ImageFile.Load(folder[$"images/case_{i}.png"])).Mask.Area() > 0);
    }

    // A bright disc on noise, or the noise alone.
    private void WriteCase(string name, bool lesion, int seed)
    {
        Random random = new(seed);
        (int x, int y) = (random.Next(10, 22), random.Next(10, 22));
        byte[] pixels = new byte[Size * Size];
        byte[] mask = new byte[Size * Size];
        for (int i = 0; i < pixels.Length; i++)
        {
            bool inside = lesion && Math.Pow((i % Size) - x, 2) + Math.Pow((i / Size) - y, 2) < 50;
            mask[i] = inside ? (byte)255 : (byte)0;
            pixels[i] = (byte)((inside ? 120 : 0) + random.Next(100));
        }

        ImageFile.SavePng(folder[$"images/{name}.png"], new Image(Size, Size, 1, pixels));
        ImageFile.SavePng(folder[$"masks/0/{name}.png"], new Image(Size, Size, 1, mask));
    }
}
