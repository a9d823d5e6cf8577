using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests;

/// <summary>
/// Other people's DICOM tools: DCMTK, dicom3tools, dcmjs. Tests that need one are skipped where it is not installed;
/// tests/dicom/install.sh installs them on Debian.
/// </summary>
internal static class DicomTools
{
    /// <summary>Whether a tool is there.</summary>
    public static bool Has(string tool)
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin"];
        return folders.Any(folder => File.Exists(Path.Combine(folder, tool)));
    }

    /// <summary>Skips the running test where a tool is missing.</summary>
    public static void Need(params string[] tools)
    {
        foreach (string tool in tools)
        {
            Assert.SkipUnless(Has(tool), $"{tool} is not installed: run tests/dicom/install.sh.");
        }
    }

    /// <summary>Runs a tool that has to succeed, and gives what it printed; skips the running test where it is missing.</summary>
    public static string Run(string tool, params string[] arguments)
    {
        (int status, string output) = TryRun(tool, arguments);
        Assert.True(status == 0, $"{tool} {string.Join(' ', arguments)}: {output}");
        return output;
    }

    /// <summary>Runs a tool; skips the running test where it is missing.</summary>
    public static (int Status, string Output) TryRun(string tool, params string[] arguments)
    {
        Need(tool);
        return Start(tool, arguments);
    }

    /// <summary>Runs a script of tests/dicom with dcmjs; skips the running test where that, or Node, is missing.</summary>
    public static void RunDcmjs(string script, params string[] arguments)
    {
        Need("node");
        bool isInstalled = Directory.Exists(Repository.Path("tests", "dicom", "node_modules", "dcmjs"));
        Assert.SkipUnless(isInstalled, "dcmjs is not installed: run tests/dicom/install.sh.");
        (int status, string output) = Start("node", [Repository.Path("tests", "dicom", script), .. arguments]);
        Assert.True(status == 0, output);
    }

    /// <summary>No error of dciodvfy that the source does not have too: what is copied of it is as it is there.</summary>
    public static void AssertValid(string path, string source)
    {
        string[] errors = [.. ErrorsOf(path).Except(ErrorsOf(source))];
        Assert.True(errors.Length == 0, string.Join('\n', errors));
    }

    private static string[] ErrorsOf(string path) =>
    [
        .. TryRun("dciodvfy", path).Output.Split('\n')
            .Where(line => line.StartsWith("Error", StringComparison.Ordinal))

            // A source's bad identifier stays bad wherever a result refers to it.
            .Select(line => line.StartsWith("Error - Illegal root for UID", StringComparison.Ordinal) ? line.Split(" in (")[0] : line),
    ];

    private static (int Status, string Output) Start(string tool, params string[] arguments)
    {
        (int status, string output, string error) = ChildProcess.Run(tool, arguments);
        return (status, output + error);
    }
}
