using CMUNeXt.Files;
using CMUNeXt.Imaging;
using Microsoft.Extensions.FileSystemGlobbing;

namespace CMUNeXt.Cli;

/// <summary>A picture to predict, and the path of its results below the output folder, without an ending.</summary>
internal sealed record PictureInput(string Path, string Result);

/// <summary>From files, folders and patterns on the command line to pictures.</summary>
internal static class PictureInputs
{
    /// <summary>Finds the pictures.</summary>
    /// <param name="inputs">Files, folders (searched with their subfolders, which the results keep) and patterns such as <c>scans/**/*.png</c>.</param>
    /// <returns>The pictures in order, each once.</returns>
    /// <exception cref="BadFileException">An input leads to nothing, or two pictures would have results of the same name.</exception>
    public static IReadOnlyList<PictureInput> Find(IEnumerable<string> inputs)
    {
        Dictionary<string, PictureInput> byPath = [];
        Dictionary<string, PictureInput> byResult = new(StringComparer.OrdinalIgnoreCase);
        foreach (PictureInput picture in inputs.SelectMany(Expand))
        {
            if (!byPath.TryAdd(System.IO.Path.GetFullPath(picture.Path), picture))
            {
                continue;
            }

            if (!byResult.TryAdd(picture.Result, picture))
            {
                throw new BadFileException(picture.Path, $"its results would have the names of those of {byResult[picture.Result].Path}; predict them into two folders");
            }
        }

        return [.. byPath.Values];
    }

    private static IEnumerable<PictureInput> Expand(string input)
    {
        if (File.Exists(input))
        {
            return [new PictureInput(input, System.IO.Path.GetFileNameWithoutExtension(input))];
        }

        if (Directory.Exists(input))
        {
            return NonEmpty(input, "the folder holds no picture", Directory.EnumerateFiles(input, "*", SearchOption.AllDirectories)
                .Where(PictureFile.HasPictureEnding)
                .Select(path => System.IO.Path.GetRelativePath(input, path)), input);
        }

        if (input.AsSpan().IndexOfAny('*', '?') < 0)
        {
            throw new BadFileException(input, "there is no such file or folder");
        }

        // A pattern is searched from the folder before its first wildcard.
        string[] parts = input.Split('/', '\\');
        int fixedParts = Array.FindIndex(parts, part => part.AsSpan().IndexOfAny('*', '?') >= 0);
        string root = fixedParts == 0 ? "." : string.Join('/', parts[..fixedParts]);
        root = root.Length == 0 ? "/" : root;
        IEnumerable<string> matches = Directory.Exists(root)
            ? new Matcher().AddInclude(string.Join('/', parts[fixedParts..])).GetResultsInFullPath(root).Select(path => System.IO.Path.GetRelativePath(root, path))
            : [];
        return NonEmpty(input, "no file matches the pattern", matches, root);
    }

    private static List<PictureInput> NonEmpty(string input, string problem, IEnumerable<string> relative, string root)
    {
        List<PictureInput> found = [.. relative.Order(StringComparer.Ordinal).Select(path =>
            new PictureInput(System.IO.Path.Combine(root, path), System.IO.Path.ChangeExtension(path, null)))];
        return found.Count > 0 ? found : throw new BadFileException(input, problem);
    }
}
