namespace CMUNeXt.Tests;

/// <summary>
/// The PyTorch of the machine's own Python, with NumPy and Pillow, run by the scripts in tests/pytorch. Tests that need them are skipped
/// where they are not installed; tests/pytorch/install.sh installs them on Debian.
/// </summary>
internal static class PyTorch
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<bool> IsInstalled =
        new(() => File.Exists(Python) && Start(["-c", "import torch, numpy, PIL"]).Status == 0);

    /// <summary>Runs a script and gives what it printed; skips the running test where there is no PyTorch.</summary>
    public static string Run(string script, params string[] arguments)
    {
        Assert.SkipUnless(IsInstalled.Value, $"{Python} cannot import torch, numpy and PIL: run tests/pytorch/install.sh.");
        (int status, string output) = Start([Repository.Path("tests", "pytorch", script), .. arguments]);
        Assert.True(status == 0, output);
        return output;
    }

    private static (int Status, string Output) Start(string[] arguments)
    {
        (int status, string output, string error) = ChildProcess.Run(Python, arguments);
        return (status, output + error);
    }
}
