using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Training.Tests;

/// <summary>What tests write into a folder for a data set, and the files that they find there.</summary>
internal static class DataFolder
{
    /// <summary>Writes a gray image, 2 rows high, whose rows both hold the given values.</summary>
    public static void WriteGray(this TemporaryFolder folder, string relative, params byte[] row) =>
        ImageFile.SavePng(folder[relative], new Image(row.Length, 2, 1, [.. row, .. row]));

    /// <summary>Writes an image of given values, and a mask that is all foreground, in the prepared layout.</summary>
    public static void WriteCase(this TemporaryFolder folder, string name, params byte[] row)
    {
        folder.WriteGray($"images/{name}.png", row);
        folder.WriteGray($"masks/0/{name}.png", [.. row.Select(_ => (byte)255)]);
    }

    /// <summary>Writes one pixel of red, green, blue.</summary>
    public static void WriteColor(this TemporaryFolder folder, string relative, byte red, byte green, byte blue) =>
        ImageFile.SavePng(folder[relative], new Image(1, 1, 3, [red, green, blue]));

    public static void WriteText(this TemporaryFolder folder, string relative, string text) => File.WriteAllText(folder[relative], text);

    /// <summary>The files below the folder but the list of them, with forward slashes, ordered.</summary>
    public static string[] Files(this TemporaryFolder folder, string below = "")
    {
        string root = folder.File(below);
        return
        [
            .. Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
                .Where(path => path != OwnFiles.ListName)
                .Order(StringComparer.Ordinal),
        ];
    }
}
