using CMUNeXt.Cli.Suite;
using CMUNeXt.Files;
using CMUNeXt.Training.Phantoms;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Cli.Tests.Suite;

/// <summary>Verbs in processes of their own, and the whole suite in its own.</summary>
public sealed class VerbProcessTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cmunext-verbs-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_goes_wrong_is_given_back_in_one_line()
    {
        List<string> lines = [];
        string? failure = VerbProcess.Run(["info", "--weights", In("missing.pth")], lines.Add, TestContext.Current.CancellationToken);
        Assert.Contains(In("missing.pth"), failure, StringComparison.Ordinal);
        Assert.Equal($"cmunext: {failure}", Assert.Single(lines));
        Assert.Null(VerbProcess.Run(["info", "--model", "cmunext-s"], lines.Add, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_suite_that_is_killed_takes_its_training_along_and_goes_on_to_the_same_weights()
    {
        PhantomDataSet.Write(In("phantoms"), 6, 1, cancellationToken: TestContext.Current.CancellationToken);
        string[] protocol = ["--data", In("phantoms"), "--train", "train.txt", "--val", "val.txt", "--size", "32", "--epochs", "40", "--batch", "2"];
        string[] command = ["benchmark", "--suite", "paper", "--models", "cmunext-s", "--threads", "1", "--sizes", "32", "--seconds", "0.01", "--output", In("suite"), .. protocol];
        RunFolder run = new(Path.Combine(In("suite"), "cmunext-s-1"));
        using (CommandProcess program = CommandProcess.Start(command))
        {
            while (!program.HasExited && run.ReadValidationIou().Count == 0)
            {
                Thread.Sleep(5);
            }

            program.Kill();
        }

        // Nobody goes on training: what is there can be read, and stays as it is.
        Thread.Sleep(300);
        Checkpoint stopped = run.ReadCheckpoint()!;
        Assert.InRange(stopped.Progress.Epochs.Count, 1, 39);
        Thread.Sleep(300);
        Assert.Equal(stopped.Progress.Epochs.Count, run.ReadCheckpoint()!.Progress.Epochs.Count);

        (int status, string output, string error) = CommandProcess.Run(command);
        Assert.True(status == 0, error);
        Assert.Contains("| cmunext-s", output, StringComparison.Ordinal);
        Assert.DoesNotContain("turns", error, StringComparison.Ordinal);
        Assert.Contains("cmunext-s-1: epoch  40/40", error, StringComparison.Ordinal);
        string expected = In("expected");
        (status, _, error) = CommandProcess.Run(["train", .. protocol, "--model", "cmunext-s", "--output", expected]);
        Assert.True(status == 0, error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(expected, "best.safetensors")), File.ReadAllBytes(Path.Combine(run.Path, "best.safetensors")));
        Assert.True(File.Exists(Path.Combine(run.Path, "evaluation", "report.html")));
        Assert.False(File.Exists(Path.Combine(run.Path, "checkpoint.safetensors" + AtomicFile.TemporaryEnding)));
    }

    private string In(string name) => Path.Combine(folder, name);
}
