using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Training.Tests;

/// <summary>A folder for one test, removed after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("cmunext").FullName;

    /// <summary>The path of a file, whose folder is made.</summary>
    public string this[string relative]
    {
        get
        {
            string path = System.IO.Path.Combine(Path, relative);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            return path;
        }
    }

    /// <summary>Writes a gray image, 2 rows high, whose rows both hold the given values.</summary>
    public void WriteGray(string relative, params byte[] row) =>
        ImageFile.SavePng(this[relative], new Image(row.Length, 2, 1, [.. row, .. row]));

    /// <summary>Writes an image of given values, and a mask that is all foreground, in the prepared layout.</summary>
    public void WriteCase(string name, params byte[] row)
    {
        WriteGray($"images/{name}.png", row);
        WriteGray($"masks/0/{name}.png", [.. row.Select(_ => (byte)255)]);
    }

    /// <summary>Writes one pixel of red, green, blue.</summary>
    public void WriteColor(string relative, byte red, byte green, byte blue) =>
        ImageFile.SavePng(this[relative], new Image(1, 1, 3, [red, green, blue]));

    public void WriteText(string relative, string text) => File.WriteAllText(this[relative], text);

    /// <summary>The files below the folder but the list of them, with forward slashes, ordered.</summary>
    public string[] Files(string below = "") =>
    [
        .. Directory.EnumerateFiles(System.IO.Path.Combine(Path, below), "*", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(System.IO.Path.Combine(Path, below), path).Replace('\\', '/'))
            .Where(path => path != OwnFiles.ListName)
            .Order(StringComparer.Ordinal),
    ];

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
