namespace CMUNeXt.Tests;

/// <summary>
/// The machine's own Python, with the packages that the scripts of one folder import. Tests that need them are skipped where they are not
/// installed; the folder's install.sh installs them on Debian.
/// </summary>
internal sealed class Python
{
    /// <summary>Debian's, for which Debian's packages are.</summary>
    public const string Program = "/usr/bin/python3";

    private readonly string folder;
    private readonly string packages;
    private readonly Lazy<bool> isInstalled;

    private Python(string folder, string packages)
    {
        this.folder = folder;
        this.packages = packages;
        isInstalled = new(() => File.Exists(Program) && ChildProcess.Run(Program, "-c", $"import {packages}").Status == 0);
    }

    /// <summary>For the scripts in tests/pytorch.</summary>
    public static Python PyTorch { get; } = new("pytorch", "torch, numpy, PIL");

    /// <summary>For the scripts in tests/onnx.</summary>
    public static Python Onnx { get; } = new("onnx", "onnx");

    /// <summary>For the scripts in tests/dicom.</summary>
    public static Python Pydicom { get; } = new("dicom", "pydicom, numpy");

    /// <summary>Whether the packages are there.</summary>
    public bool IsInstalled => isInstalled.Value;

    /// <summary>Skips the running test where a package is missing.</summary>
    public void Need() => Assert.SkipUnless(IsInstalled, $"{Program} cannot import {packages}: run tests/{folder}/install.sh.");

    /// <summary>Runs a script that has to succeed, and gives what it printed; skips the running test where a package is missing.</summary>
    public string Run(string script, params string[] arguments)
    {
        Need();
        (int status, string output, string error) = ChildProcess.Run(Program, [Repository.Path("tests", folder, script), .. arguments]);
        Assert.True(status == 0, output + error);
        return output + error;
    }
}
