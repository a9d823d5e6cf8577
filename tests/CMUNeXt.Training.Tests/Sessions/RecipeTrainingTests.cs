using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Tests.Runs;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>
/// Everything that a recipe can ask for, at once: a run that is stopped and goes on, and one that learns from it.
/// </summary>
public sealed class RecipeTrainingTests : IDisposable
{
    private static readonly NetworkDescription Tiny = TinyCMUNeXt.Describe(channels: 3);

    private readonly TemporaryFolder folder = new();
    private readonly TrainingOptions options;

    public RecipeTrainingTests()
    {
        foreach (string file in Directory.EnumerateFiles(TinyTraining.Data, "*.png", SearchOption.AllDirectories))
        {
            File.Copy(file, folder[Path.Combine("data", Path.GetRelativePath(TinyTraining.Data, file))]);
        }

        // A healthy image is one with an empty mask.
        Image image = ImageFile.Load(folder["data/images/phantom_0001.png"]);
        ImageFile.SavePng(folder["data/images/healthy.png"], image);
        ImageFile.SaveMask(
            folder["data/masks/0/healthy.png"], new Mask(image.Width, image.Height, new byte[image.Width * image.Height]),
            MaskValues.ZeroOr255);
        folder.WriteText("train.txt", "phantom_0001\nphantom_0002\nphantom_0003\nphantom_0004\nphantom_0005\nhealthy\n");
        folder.WriteText("val.txt", "phantom_0006\nphantom_0007\n");
        TrainingRecipe recipe = TrainingRecipe.Load("ultrasound");
        options = new TrainingOptions
        {
            Data = folder["data"],
            Train = folder["train.txt"],
            Validation = folder["val.txt"],
            Network = Tiny,
            Protocol = recipe.ProtocolFor(Tiny) with
            {
                Epochs = 4,
                Batch = 4,
                Width = 32,
                Height = 32,
                LearningRate = 0.01,
                DecayOn = DecayKind.Convolutions,
                WarmUp = 3,
                Schedule = ScheduleKind.Cosine,
                ClipNorm = 1,
                Loss = LossKind.CrossEntropyBatchDice,
                HealthyPixels = 0.01,
                HealthyShare = 0.25,
                Presence = 0.1,
                Ultrasound = new UltrasoundAugmentation(),
            },
            Preprocessing = recipe.Preprocessing,
            Threads = 1,
        };
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Stopped_it_goes_on_to_the_same_weights_and_the_same_average()
    {
        (StateDict last, StateDict average) = Train("whole", options);
        using (TrainingSession session = TrainingSession.Begin(folder["stopped"], options))
        {
            foreach (int reports in (int[])[1, 4, 3])
            {
                using CancellationTokenSource stop = new();
                int reported = 0;
                Assert.Throws<OperationCanceledException>(
                    () => session.Run(new Callback(() => Cancel(stop, ++reported == reports)), stop.Token));
            }
        }

        using TrainingSession resumed = TrainingSession.Resume(folder["stopped"], new ResumeOptions { Threads = 2 });
        resumed.Run(cancellation: TestContext.Current.CancellationToken);
        SomeRun.AssertEqual(last, WeightsFile.Load(resumed.Folder.LastPath).State);
        SomeRun.AssertEqual(average, WeightsFile.Load(resumed.Folder.AveragePath).State);
    }

    [Fact]
    public void The_average_is_what_is_validated_and_what_the_best_weights_are()
    {
        Train("run", options with { Protocol = options.Protocol! with { Epochs = 4, WarmUp = 0 } });
        RunFolder run = new(folder["run"]);
        Checkpoint checkpoint = run.ReadCheckpoint()!;
        SomeRun.AssertEqual(checkpoint.Average!, WeightsFile.Load(run.AveragePath).State);
        Assert.Contains(checkpoint.Average!, tensor => !tensor.Data.Span.SequenceEqual(checkpoint.Weights[tensor.Name].Data.Span));

        // One epoch alone: the best is its average.
        Train("one", options with { Protocol = options.Protocol! with { Epochs = 1, WarmUp = 0 } });
        RunFolder one = new(folder["one"]);
        SomeRun.AssertEqual(WeightsFile.Load(one.AveragePath).State, WeightsFile.Load(one.BestPath).State);
    }

    [Fact]
    public void It_learns_from_teachers_whose_files_must_stay_what_they_are()
    {
        (StateDict alone, _) = Train("alone", options);
        TrainingOptions taught = options with { Teachers = [WeightsFile.Load(new RunFolder(folder["alone"]).AveragePath)] };
        (StateDict last, _) = Train("taught", taught);
        Assert.Contains(last, tensor => !tensor.Data.Span.SequenceEqual(alone[tensor.Name].Data.Span));
        TeacherFile file = Assert.Single(new RunFolder(folder["taught"]).ReadSettings().Teachers!);
        Assert.Equal((taught.Teachers[0].Path, taught.Teachers[0].Sha256), (file.Path, file.Sha256));

        Directory.CreateDirectory(folder["moved"]);
        string moved = folder["moved/teacher.safetensors"];
        File.Copy(file.Path, moved);
        using (TrainingSession resumed = TrainingSession.Resume(folder["taught"], new ResumeOptions { Teachers = [moved] }))
        {
            Assert.Equal(4, resumed.Run(cancellation: TestContext.Current.CancellationToken).Epochs.Count);
        }

        Assert.Throws<SettingsException>(() => TrainingSession.Resume(folder["taught"], new ResumeOptions { Teachers = [moved, moved] }));
        Assert.Equal(Path.GetFullPath(moved), Assert.Single(new RunFolder(folder["taught"]).ReadSettings().Teachers!).Path);
        File.Copy(new RunFolder(folder["alone"]).LastPath, moved, overwrite: true);
        Assert.Contains(
            "SHA-256", Assert.Throws<BadFileException>(() => TrainingSession.Resume(folder["taught"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_that_sees_images_otherwise_is_refused()
    {
        Train("other", options with { Preprocessing = Preprocessing.Published });
        TrainingOptions taught = options with { Teachers = [WeightsFile.Load(new RunFolder(folder["other"]).LastPath)] };
        Assert.Contains(
            "preprocessing", Assert.Throws<BadFileException>(() => TrainingSession.Begin(folder["taught"], taught)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_that_saw_bars_around_images_of_another_shape_is_refused()
    {
        TrainingOptions barred = options with { Preprocessing = options.Preprocessing! with { Letterbox = true } };
        Train("square", barred);
        TrainingOptions taught = barred with
        {
            Teachers = [WeightsFile.Load(new RunFolder(folder["square"]).LastPath)],
            Protocol = barred.Protocol! with { Width = 64 },
        };
        Assert.Contains(
            "bars around", Assert.Throws<BadFileException>(() => TrainingSession.Begin(folder["taught"], taught)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_teacher_whose_file_says_nothing_sees_images_at_the_size_of_who_learns()
    {
        TrainingOptions published = options with { Preprocessing = Preprocessing.Published };
        Train("other", published);
        LoadedWeights known = WeightsFile.Load(new RunFolder(folder["other"]).LastPath);
        WeightsFile.Save(folder["teacher.pth"], known.State);
        (StateDict expected, _) = Train("stated", published with { Teachers = [known] });
        (StateDict found, _) = Train("assumed", published with { Teachers = [WeightsFile.Load(folder["teacher.pth"])] });
        SomeRun.AssertEqual(expected, found);
    }

    [Fact]
    public void What_the_weights_to_start_from_know_is_told()
    {
        folder.WriteText("first.txt", "phantom_0006\nphantom_0002\n");
        Train("first", options with { Train = folder["first.txt"], Validation = folder["train.txt"], Protocol = Plain() });
        using TrainingSession session = TrainingSession.Begin(
            folder["run"],
            options with { Network = null, Weights = WeightsFile.Load(new RunFolder(folder["first"]).LastPath), Protocol = Plain() });
        Assert.Equal(["phantom_0006"], session.FindKnownValidationCases(TestContext.Current.CancellationToken));

        TrainingProtocol Plain() => options.Protocol! with { Epochs = 1, WarmUp = 0, HealthyShare = 0 };
    }

    [Fact]
    public void A_teacher_whose_file_says_nothing_is_taken_to_see_images_as_published()
    {
        Train("other", options);
        WeightsFile.Save(folder["teacher.pth"], WeightsFile.Load(new RunFolder(folder["other"]).LastPath).State);
        TrainingOptions taught = options with { Teachers = [WeightsFile.Load(folder["teacher.pth"])] };
        Assert.Contains(
            "preprocessing", Assert.Throws<BadFileException>(() => TrainingSession.Begin(folder["taught"], taught)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_teacher_knows_is_known_to_who_learns_from_it()
    {
        folder.WriteText("taught.txt", "phantom_0006\nphantom_0002\n");
        Train("teacher", options with { Train = folder["taught.txt"], Validation = folder["train.txt"], Protocol = Plain() });
        LoadedWeights teacher = WeightsFile.Load(new RunFolder(folder["teacher"]).LastPath);
        using TrainingSession session = TrainingSession.Begin(
            folder["run"], options with { Teachers = [teacher], Protocol = Plain() with { Distillation = 0.5 } });
        Assert.Equal(["phantom_0006"], session.FindKnownValidationCases(TestContext.Current.CancellationToken));
        session.Run(cancellation: TestContext.Current.CancellationToken);
        IReadOnlyList<string> known = WeightsFile.Load(session.Folder.LastPath).Metadata!.TrainingCases!;
        Assert.Subset(known.ToHashSet(), teacher.Metadata!.TrainingCases!.ToHashSet());

        TrainingProtocol Plain() => options.Protocol! with { Epochs = 1, WarmUp = 0, HealthyShare = 0 };
    }

    [Fact]
    public void Shares_of_lists_and_of_healthy_images_do_not_go_together()
    {
        folder.WriteText("more.txt", "phantom_0008\n");
        TrainingOptions both = options with { FurtherTrain = [folder["more.txt"]], Shares = [0.5, 0.5] };
        Assert.Contains("do not go together", Assert.Throws<SettingsException>(both.ToSettings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_share_of_healthy_images_needs_some()
    {
        folder.WriteText("train.txt", "phantom_0001\nphantom_0002\n");
        Assert.Contains(
            "add some", Assert.Throws<BadFileException>(() => TrainingSession.Begin(folder["run"], options)).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void A_share_that_leaves_healthy_images_no_place_is_refused_before_anything_is_written()
    {
        TrainingOptions few = options with { Protocol = options.Protocol! with { HealthyShare = 0.1 } };
        Assert.Contains(
            "an epoch has no place for one", Assert.Throws<SettingsException>(() => TrainingSession.Begin(folder["run"], few)).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run"]));
    }

    [Fact]
    public void At_one_pixel_a_batch_of_one_case_is_refused_however_the_cases_are_drawn()
    {
        foreach (string copy in (string[])["healthy2", "healthy3"])
        {
            File.Copy(folder["data/images/healthy.png"], folder[$"data/images/{copy}.png"]);
            File.Copy(folder["data/masks/0/healthy.png"], folder[$"data/masks/0/{copy}.png"]);
        }

        folder.WriteText("rare.txt", "phantom_0001\nhealthy\nhealthy2\nhealthy3\n");
        folder.WriteText("two.txt", "phantom_0001\nphantom_0002\n");
        folder.WriteText("one.txt", "phantom_0003\n");
        TrainingProtocol plain = options.Protocol! with { Width = 16, Height = 16, HealthyShare = 0 };

        // As the lists stand, no case of 6 in pairs, of 4 in fours or of 3 in threes would be left alone.
        Assert.All(
            (TrainingOptions[])
            [
                options with { Protocol = plain with { Batch = 2, HealthyShare = 1.0 / 3 } },
                options with { Train = folder["rare.txt"], Protocol = plain with { Batch = 4, Oversample = 1 } },
                options with
                {
                    Train = folder["two.txt"],
                    FurtherTrain = [folder["one.txt"]],
                    Shares = [0.5, 0.5],
                    Protocol = plain with { Batch = 3 },
                },
            ],
            drawn => Assert.Contains(
                "cases has one; give another batch",
                Assert.Throws<SettingsException>(() => TrainingSession.Begin(folder["run"], drawn, overwrite: true)).Message,
                StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder["run"]));
    }

    private static void Cancel(CancellationTokenSource stop, bool now)
    {
        if (now)
        {
            stop.Cancel();
        }
    }

    private (StateDict Last, StateDict Average) Train(string name, TrainingOptions options)
    {
        using TrainingSession session = TrainingSession.Begin(folder[name], options);
        session.Run(cancellation: TestContext.Current.CancellationToken);
        return (WeightsFile.Load(session.Folder.LastPath).State, WeightsFile.Load(session.Folder.AveragePath).State);
    }

    private sealed class Callback(Action called) : IProgress<TrainingIteration>
    {
        public void Report(TrainingIteration value) => called();
    }
}
