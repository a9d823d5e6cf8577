namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary>Holds what the parts of a job left against what one process leaves: the names of the files, and the bytes of each.</summary>
internal static class SameFolders
{
    /// <param name="expected">The folder of one process.</param>
    /// <param name="actual">The folder of the parts.</param>
    /// <param name="partName">How the names of the files begin that parts leave where something failed: they do not count.</param>
    /// <param name="listed">A file of which only the name counts; null where there is none.</param>
    public static void Check(string expected, string actual, string partName, string? listed = null)
    {
        string[] names = Names(actual, partName);
        Assert.Equal(Names(expected, partName), names);
        Assert.All(names.Where(name => name != listed), name => Assert.Equal(
            File.ReadAllBytes(Path.Combine(expected, name)), File.ReadAllBytes(Path.Combine(actual, name))));
    }

    private static string[] Names(string folder, string partName) =>
    [
        .. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path))
            .Where(name => !name.StartsWith(partName, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];
}
