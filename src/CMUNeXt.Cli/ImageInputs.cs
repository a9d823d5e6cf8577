using CMUNeXt.Files;
using CMUNeXt.Imaging;
using Microsoft.Extensions.FileSystemGlobbing;

namespace CMUNeXt.Cli;

/// <summary>An image to predict, and the path of its results below the output folder, without an ending.</summary>
internal sealed record ImageInput(string Path, string Result);

/// <summary>From files, folders and patterns on the command line to images.</summary>
internal static class ImageInputs
{
    /// <summary>Finds the images.</summary>
    /// <param name="inputs">Files, folders (searched with their subfolders, which the results keep) and patterns such as <c>scans/**/*.png</c>.</param>
    /// <returns>The images in order, each once.</returns>
    /// <exception cref="BadFileException">An input leads to nothing, or two images would have results of the same name.</exception>
    public static IReadOnlyList<ImageInput> Find(IEnumerable<string> inputs)
    {
        Dictionary<string, ImageInput> byPath = [];
        Dictionary<string, ImageInput> byResult = new(StringComparer.OrdinalIgnoreCase);
        foreach (ImageInput image in inputs.SelectMany(Expand))
        {
            if (!byPath.TryAdd(System.IO.Path.GetFullPath(image.Path), image))
            {
                continue;
            }

            if (!byResult.TryAdd(image.Result, image))
            {
                throw new BadFileException(image.Path, $"its results would have the names of those of {byResult[image.Result].Path}; predict them into two folders");
            }
        }

        return [.. byPath.Values];
    }

    private static IEnumerable<ImageInput> Expand(string input)
    {
        if (File.Exists(input))
        {
            return [new ImageInput(input, System.IO.Path.GetFileNameWithoutExtension(input))];
        }

        if (Directory.Exists(input))
        {
            return NonEmpty(input, "the folder holds no image", Directory.EnumerateFiles(input, "*", SearchOption.AllDirectories)
                .Where(ImageFile.HasImageEnding)
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

    private static List<ImageInput> NonEmpty(string input, string problem, IEnumerable<string> relative, string root)
    {
        List<ImageInput> found = [.. relative.Order(StringComparer.Ordinal).Select(path =>
            new ImageInput(System.IO.Path.Combine(root, path), System.IO.Path.ChangeExtension(path, null)))];
        return found.Count > 0 ? found : throw new BadFileException(input, problem);
    }
}
