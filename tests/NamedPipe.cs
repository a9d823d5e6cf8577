namespace CMUNeXt.Tests;

/// <summary>A named pipe that a test makes. Where the system has none among its files, the test is skipped.</summary>
internal static class NamedPipe
{
    /// <summary>Makes a pipe into which nobody writes, and gives its path.</summary>
    public static string At(string path)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There are no named pipes among the files here.");
        Assert.Equal(0, ChildProcess.Run("mkfifo", path).Status);
        return path;
    }
}
