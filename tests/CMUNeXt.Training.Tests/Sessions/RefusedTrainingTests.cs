using System.Security.Cryptography;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Studies;
using CMUNeXt.Training.Tests.Studies;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>A training that cannot begin leaves an earlier run, and an empty folder, as they were.</summary>
public sealed class RefusedTrainingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TrainingOptions options;

    public RefusedTrainingTests()
    {
        foreach (string file in Directory.GetFiles(TinyTraining.Data, "*.png", SearchOption.AllDirectories))
        {
            File.Copy(file, folder[$"data/{Path.GetRelativePath(TinyTraining.Data, file)}"]);
        }

        TrainingOptions usual = TinyTraining.Options(folder, train: [1, 2, 3], validation: [6, 7]);
        options = usual with { Data = folder["data"], Protocol = usual.Protocol! with { Epochs = 1 } };
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("masks/0/phantom_0007.png", "small", null, "the mask is 5 x 5, its image")]
    [InlineData("masks/0/phantom_0002.png", "small", SelectionKind.Last, "the mask is 5 x 5, its image")]
    [InlineData("masks/ignore/phantom_0006.png", "small", SelectionKind.Dice, "the mask is 5 x 5, its image")]
    [InlineData("masks/ignore/phantom_0003.png", "torn", null, "the PNG ends too early")]
    [InlineData("masks/0/phantom_0007.png", "torn", SelectionKind.Last, "the PNG ends too early")]
    [InlineData("masks/0/phantom_0007.png", "0 and 1", SelectionKind.Last, "the largest value is 1")]
    [InlineData("masks/0/phantom_0006.png", "0 and 1", SelectionKind.Loss, "the largest value is 1")]
    [InlineData("images/phantom_0007.png", "torn", null, "the PNG ends too early")]
    public void A_file_that_cannot_be_used_is_told_of_while_the_run_before_is_still_there(
        string file, string fault, SelectionKind? select, string said)
    {
        Train("run", options);
        string[] before = Contents("run");
        Directory.CreateDirectory(folder.File("new"));
        Spoil(file, fault);
        TrainingOptions anew = options with { Protocol = options.Protocol! with { Select = select } };
        foreach (string run in (string[])["run", "new"])
        {
            BadFileException e = Assert.Throws<BadFileException>(() => Train(run, anew));
            Assert.Equal(Path.GetFileName(file), Path.GetFileName(e.Path));
            Assert.Contains(said, e.Problem, StringComparison.Ordinal);
        }

        Assert.Equal(before, Contents("run"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.File("new")));
    }

    [Fact]
    public void A_change_that_cannot_be_trained_on_is_not_recorded()
    {
        Train("run", options);
        string[] before = Contents("run");
        Spoil("masks/0/phantom_0007.png", "small");
        using TrainingSession resumed = TrainingSession.Resume(
            folder["run"], new ResumeOptions { AcceptChangedData = true, Epochs = 2 });
        Assert.Contains("both must have one size", Assert.Throws<BadFileException>(() => resumed.Run()).Message, StringComparison.Ordinal);
        Assert.Equal(before, Contents("run"));
    }

    [Fact]
    public void A_study_goes_on_where_the_mask_that_kept_a_training_from_beginning_is_mended()
    {
        folder.WriteText("plan.json", $$"""
            { "data": "data", "folds": 2,
              "arms": { "plain": {
                "recipe": "published", {{StudyTests.Tiny}}, "protocol": { "epochs": 1, "batch": 4, "width": 32, "height": 32 } } } }
            """);
        Study study = Open();
        byte[] mask = File.ReadAllBytes(folder["data/masks/0/phantom_0007.png"]);
        Spoil("masks/0/phantom_0007.png", "small");
        Assert.Throws<BadFileException>(() => Complete(study));
        Assert.False(study.Runs[0].Folder.HasRun);

        File.WriteAllBytes(folder["data/masks/0/phantom_0007.png"], mask);
        study = Open();
        Complete(study);
        Assert.True(study.Runs[0].Folder.IsFinished());

        Study Open() => Study.Open(
            folder["plan.json"], folder["study"], new StudyComputing { Threads = 1 }, cancellation: TestContext.Current.CancellationToken);

        static void Complete(Study study) => study.Complete(study.Runs[0], cancellation: TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Ranks_that_do_not_agree_replace_nothing()
    {
        Train("run", options);
        string[] before = Contents("run");
        SettingsException e = Assert.Throws<SettingsException>(() => ThreadRanks.Run(2, communicator =>
        {
            TrainingProtocol protocol = options.Protocol! with { Seed = (ulong)communicator.Rank };
            using TrainingSession session = TrainingSession.Begin(
                folder["run"], options with { Protocol = protocol }, overwrite: true, communicator);
            return session.Run();
        }));
        Assert.Contains("do not have the same settings", e.Message, StringComparison.Ordinal);
        Assert.Equal(before, Contents("run"));
    }

    [Fact]
    public void A_run_does_not_replace_its_own_teacher()
    {
        Train("run", options);
        string[] before = Contents("run");
        string teacher = Path.Combine(folder["run"], "..", "run", "best.safetensors");
        TrainingOptions taught = options with { Teachers = [WeightsFile.Load(teacher)] };
        Assert.Contains(
            "is a teacher, and the run would replace it", Assert.Throws<BadFileException>(() => Train("run", taught)).Message,
            StringComparison.Ordinal);
        Assert.Equal(before, Contents("run"));
        Train("other", taught);
        Train("other", taught);
    }

    [Fact]
    public void A_run_does_not_replace_the_weights_that_it_starts_from()
    {
        Train("run", options);
        string[] before = Contents("run");
        string weights = Path.Combine(folder["run"], "..", "run", "best.safetensors");
        TrainingOptions tuned = options with { Network = null, Weights = WeightsFile.Load(weights) };
        Assert.Contains(
            "is what the training starts from, and the run would replace it; give another --output",
            Assert.Throws<BadFileException>(() => Train("run", tuned)).Message, StringComparison.Ordinal);
        Assert.Equal(before, Contents("run"));
        Train("other", tuned);
        Train("other", tuned);
    }

    private void Train(string run, TrainingOptions how)
    {
        using TrainingSession session = TrainingSession.Begin(folder[run], how, overwrite: true);
        session.Run(cancellation: TestContext.Current.CancellationToken);
    }

    private void Spoil(string file, string fault)
    {
        string path = folder[$"data/{file}"];
        byte[] content = File.ReadAllBytes(folder[$"data/{file.Replace("ignore", "0", StringComparison.Ordinal)}"]);
        switch (fault)
        {
            case "small":
                ImageFile.SavePng(path, new Image(5, 5, 1, new byte[25]));
                break;
            case "torn":
                File.WriteAllBytes(path, content[..(content.Length / 2)]);
                break;
            default:
                Image image = ImageFile.Decode(content);
                ImageFile.SavePng(
                    path, new Image(image.Width, image.Height, 1, Array.ConvertAll(image.Pixels, static value => (byte)(value >> 7))));
                break;
        }
    }

    private string[] Contents(string run) =>
    [
        .. folder.Files(run).Select(name => $"{name} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(folder.File(run, name))))}"),
    ];
}
