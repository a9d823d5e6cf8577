using CMUNeXt.Dicom;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using Microsoft.Extensions.FileSystemGlobbing;

namespace CMUNeXt.Cli.Prediction;

/// <summary>An image to predict.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">What results call it: its path below the folder that was given, with forward slashes.</param>
/// <param name="Result">The path of its results below the output folder, without an ending.</param>
/// <param name="Frame">Which of the frames of a DICOM file; null for any other image.</param>
internal sealed record ImageInput(string Path, string Name, string Result, DicomFrame? Frame = null)
{
    /// <summary>The path of the results that are of its file as a whole, without an ending.</summary>
    public string FileResult => Result[..^(Frame?.Suffix.Length ?? 0)];

    /// <summary>The name without the file's ending: its results', where no other image has the same.</summary>
    public string Stem
    {
        get
        {
            string suffix = Frame?.Suffix ?? "";
            string file = Name[..^suffix.Length];

            // A name that is all ending, such as ".png", is a stem, and the last number of a UID is no ending.
            int ending = file.LastIndexOf('.');
            bool hasEnding = ending > file.LastIndexOf('/') + 1 && !(Frame is not null && DicomFrame.IsNumber(file[ending..]));
            return (hasEnding ? file[..ending] : file) + suffix;
        }
    }
}

/// <summary>What the command line names: the images, and what of it cannot be read.</summary>
internal sealed record FoundImages(IReadOnlyList<ImageInput> Images, IReadOnlyList<BadFileException> Problems);

/// <summary>From files, folders and patterns on the command line to images.</summary>
internal static class ImageInputs
{
    /// <summary>Finds the images.</summary>
    /// <param name="inputs">
    /// Files, folders (searched with their subfolders, which the results keep) and patterns such as <c>scans/**/*.png</c>.
    /// </param>
    /// <param name="output">The folder of the results, which are no images to predict.</param>
    /// <param name="stop">Stops the search.</param>
    /// <returns>The images in order, each once.</returns>
    /// <exception cref="BadFileException">An input leads to nothing, or two images would have results of the same name.</exception>
    public static FoundImages Find(IEnumerable<string> inputs, string output, CancellationToken stop)
    {
        FoundImages found = FindAny(inputs, output, out IReadOnlyList<BadFileException> refused, stop);
        return refused.Count > 0 ? throw refused[0] : found;
    }

    /// <summary>
    /// Finds the images that there are, whatever is wrong with others: inputs that lead to nothing yet, and images that would have results
    /// of the same name, none of which is among those found.
    /// </summary>
    /// <param name="inputs">The same as for <see cref="Find"/>.</param>
    /// <param name="output">The folder of the results.</param>
    /// <param name="refused">What is wrong.</param>
    /// <param name="stop">Stops the search.</param>
    public static FoundImages FindAny(
        IEnumerable<string> inputs, string output, out IReadOnlyList<BadFileException> refused, CancellationToken stop)
    {
        List<BadFileException> problems = [];
        List<BadFileException> wrong = [];
        List<ImageInput> found = [];
        StringComparer names = StringComparer.FromComparison(RealPath.Comparison);
        IReadOnlyCollection<string> written = OwnFiles.In(output).Names;
        HashSet<string> own = written.Where(name => EarlierResults.IsResult(written, name))
            .Select(name => Path.GetFullPath(Path.Combine(output, name))).ToHashSet(names);
        HashSet<string> paths = new(names);
        foreach (ImageInput image in inputs.SelectMany(Search))
        {
            string path = Path.GetFullPath(image.Path);
            if (!own.Contains(path) && paths.Add(path + image.Frame?.Suffix))
            {
                found.Add(image);
            }
        }

        // Of a.png and a.jpg in one folder the results keep the endings. What is written of a DICOM file as a whole has no frame in its
        // name: there a still and a loop clash, too.
        HashSet<string> shared = SharedBy(found, static image => image.Result);
        HashSet<string> sharedFiles = SharedBy(found.Where(static image => image.Frame is not null), static image => image.FileResult);
        ILookup<string, ImageInput> images = found
            .Select(image => shared.Contains(image.Result) || (image.Frame is not null && sharedFiles.Contains(image.FileResult))
                ? image with { Result = image.Name }
                : image)
            .ToLookup(image => image.Result, names);
        wrong.AddRange(images.Where(static group => group.Count() > 1).Select(static clash => new BadFileException(
            clash.Last().Path, $"its results would have the names of those of {clash.First().Path}; predict them into two folders")));
        refused = wrong;
        return new FoundImages([.. images.Where(static group => group.Count() == 1).Select(static group => group.Single())], problems);

        // The names that images of several files would have.
        HashSet<string> SharedBy(IEnumerable<ImageInput> images, Func<ImageInput, string> nameOf) =>
            images.GroupBy(nameOf, names).Where(static group => group.DistinctBy(static image => image.Path).Count() > 1)
                .Select(static group => group.Key).ToHashSet(names);

        List<ImageInput> Search(string input)
        {
            try
            {
                return Expand(input, output, problems, stop);
            }
            catch (BadFileException e)
            {
                wrong.Add(e);
                return [];
            }
        }
    }

    private static List<ImageInput> Expand(string input, string output, List<BadFileException> problems, CancellationToken stop)
    {
        if (File.Exists(input))
        {
            return VideoFile.Refusal(input) is { } refusal ? throw refusal : [.. Of(input, Path.GetFileName(input))];
        }

        if (Directory.Exists(input))
        {
            FolderWalk walk = new(input) { Except = output };
            return Within(
                input, "the folder holds no image", walk, files => files.Where(file => IsImage(input, file, problems)), input, problems,
                stop);
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
        if (!Directory.Exists(root))
        {
            throw new BadFileException(input, "no file matches the pattern");
        }

        string[] pattern = parts[fixedParts..];
        Matcher matcher = new Matcher().AddInclude(string.Join('/', pattern));
        FolderWalk matched = new(root) { Except = output, Depth = pattern.Contains("**") ? int.MaxValue : pattern.Length - 1 };
        return Within(
            input, "no file matches the pattern", matched, files => files.Where(file => matcher.Match(file).HasMatches), root, problems,
            stop);
    }

    private static List<ImageInput> Within(
        string input, string problem, FolderWalk walk, Func<IEnumerable<string>, IEnumerable<string>> choose, string root,
        List<BadFileException> problems, CancellationToken stop)
    {
        EarlierResults earlier = new();
        string[] chosen = [.. choose(walk.Files(stop))];
        string[] images = [.. chosen.Where(path => !earlier.Contain(root, path))];
        List<ImageInput> found = [.. images.SelectMany(path => Of(Path.Combine(root, path), path))];
        problems.AddRange(walk.Problems);
        string reason = images.Length < chosen.Length
            ? "it holds results of this program alone, which are no images: name the files"
            : problem;
        return found.Count > 0 ? found : throw (walk.Problems is [var first, ..] ? first : new BadFileException(input, reason));
    }

    // DICOM files often have no ending, or are called by their UID; their first bytes tell them.
    private static bool IsImage(string folder, string file, List<BadFileException> problems)
    {
        string path = Path.Combine(folder, file);
        if (VideoFile.Refusal(path) is { } refusal)
        {
            problems.Add(refusal);
        }

        return ImageFile.HasImageEnding(file) || DicomFrame.HasEnding(file)
            || (DicomFrame.MayBe(file) && !IsContents(file) && DicomFile.HasSignature(path));
    }

    // The table of contents of a medium, which some systems show in small letters, is no image.
    private static bool IsContents(string file) => Path.GetFileName(file).Equals("DICOMDIR", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<ImageInput> Of(string path, string below)
    {
        string name = below.Replace(Path.DirectorySeparatorChar, '/');
        IEnumerable<ImageInput> images = DicomFrame.FindAll(path) is { } frames
            ? frames.Select(frame => new ImageInput(path, name + frame.Suffix, "", frame))
            : [new ImageInput(path, name, "")];
        return images.Select(static image => image with { Result = image.Stem });
    }
}
