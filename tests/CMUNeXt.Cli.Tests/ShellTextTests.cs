using CMUNeXt.Cli.Prediction;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests;

public sealed class ShellTextTests
{
    [Fact]
    public void A_shell_reads_what_was_meant()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no /bin/sh here.");
        string[] arguments = ["plain", "runs/a-1_2.pth", "two words", "it's", "$HOME", "`id`", "a\\b", "\"", "", "*", "é", "a;b", "~",
            "--x=1"];
        string printed = ChildProcess.Run("/bin/sh", "-c", ShellText.Of(["printf", "%s\\n", .. arguments])).Output;
        Assert.Equal(arguments, printed.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void The_command_that_a_video_is_told_of_with_is_one_that_a_shell_reads() => Assert.EndsWith(
        $"make a folder my scan, and its frames in it with {ShellText.Of("ffmpeg", "-i", "my scan.mp4", "my scan/%04d.png")}",
        VideoFile.Refusal("scans/my scan.mp4")!.Message, StringComparison.Ordinal);

    [Fact]
    public void What_needs_no_quotes_has_none() =>
        Assert.Equal("cmunext train --resume --output runs/first", ShellText.Of("cmunext", "train", "--resume", "--output", "runs/first"));
}
