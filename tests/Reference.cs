using System.Runtime.CompilerServices;

namespace CMUNeXt.Tests;

/// <summary>
/// The folder of reference values and real data, named by the environment variable CMUNEXT_REFERENCE.
/// Tests that need it are skipped where it is not set.
/// </summary>
internal static class Reference
{
    /// <summary>The full path of a file or folder below the reference folder; skips the running test where there is none.</summary>
    public static string Path(params string[] parts)
    {
        string? root = Environment.GetEnvironmentVariable("CMUNEXT_REFERENCE");
        Assert.SkipWhen(
            string.IsNullOrEmpty(root), "CMUNEXT_REFERENCE is not set: the reference values and the BUSI data set are not here.");
        return System.IO.Path.GetFullPath(System.IO.Path.Combine([root!, .. parts]));
    }
}
