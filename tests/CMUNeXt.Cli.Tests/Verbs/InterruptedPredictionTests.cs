using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>predict</c>, interrupted in the middle of its images.</summary>
public sealed class InterruptedPredictionTests : IDisposable
{
    // Many more than are begun while the second is being written, and than are done while the signal is on its way.
    private const int Images = 30;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task It_says_what_is_done_and_what_is_not_and_is_gone_on_with()
    {
        Directory.CreateDirectory(In("in"));
        Save("a", 40);

        // Its overlay is larger than what pipes take.
        Save("b", 1000);
        for (int i = 2; i < Images; i++)
        {
            Save($"c{i:00}", 40);
        }

        string[] command = ["predict", In("in"), "--output", In("out"), "--threads", "1"];
        using (HeldWrite overlay = new(In("out/b_overlay.png")))
        using (CommandProcess program = CommandProcess.Start([.. command, "--overwrite"]))
        {
            await overlay.Begun(program);
            Wait.Until("findings of the first image", () => program.HasExited || File.Exists(In("out/a.json")));
            program.Interrupt();
            overlay.LetGo(program);
            (int status, string output, string error) = program.WaitForExit();
            Assert.Equal(ExitStatus.Interrupted, status);
            Assert.Equal(
                ["What is done is kept. To go on:", ShellText.Of(["cmunext", .. command, "--resume"]), "cmunext: interrupted"],
                error.TrimEnd().Split('\n')[^3..]);
            Assert.Empty(output);
        }

        string[] states = States();
        Assert.Equal(Images, states.Length);
        Assert.Equal(["done", "done"], states[..2]);
        Assert.Equal("not done", states[^1]);
        Assert.All(states, state => Assert.True(state is "done" or "not done", state));
        byte[] findings = File.ReadAllBytes(In("out/a.json"));
        AgedFile aged = new(In("out/a.json"));

        (int ended, _, string said) = CommandProcess.Run([.. command, "--resume"]);
        Assert.True(ended == ExitStatus.Done, said);
        Assert.Equal(Enumerable.Repeat("done", Images), States());
        Assert.False(aged.IsWrittenAnew);
        Assert.Equal(findings, File.ReadAllBytes(In("out/a.json")));
    }

    private string[] States() => [.. File.ReadLines(In("out/summary.csv")).Skip(1).Select(line => line.Split(',')[12])];

    private void Save(string name, int side)
    {
        byte[] noise = new byte[side * side];
        new Random(side).NextBytes(noise);
        ImageFile.SavePng(In($"in/{name}.png"), new Image(side, side, 1, noise));
    }

    private string In(string name) => folder.File(name);
}
