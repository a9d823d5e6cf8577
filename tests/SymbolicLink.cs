namespace CMUNeXt.Tests;

/// <summary>A link that a test makes. Where the system does not let it, the test is skipped.</summary>
internal static class SymbolicLink
{
    // ERROR_PRIVILEGE_NOT_HELD of Windows.
    private const int PrivilegeNotHeld = unchecked((int)0x80070522);

    /// <summary>Makes a link to a file, which need not be there.</summary>
    public static void ToFile(string path, string target) => Make(File.CreateSymbolicLink, path, target);

    /// <summary>Makes a link to a folder, which need not be there.</summary>
    public static void ToFolder(string path, string target) => Make(Directory.CreateSymbolicLink, path, target);

    private static void Make(Func<string, string, FileSystemInfo> make, string path, string target)
    {
        try
        {
            // Windows does not follow a link through forward slashes.
            make(path, target.Replace('/', Path.DirectorySeparatorChar));
        }
        catch (IOException e) when (e.HResult == PrivilegeNotHeld)
        {
            Assert.Skip("No links may be made here: turn on the developer mode of Windows, or be its administrator.");
        }
    }
}
