using System.Diagnostics;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>
/// The images that appear in folders while a program runs, each once. One that is still being copied is waited for: until two looks find it
/// alike. One that is replaced is a new one.
/// </summary>
/// <param name="folders">The folders, searched with their subfolders.</param>
/// <param name="output">The folder of the results, which are no images to predict.</param>
/// <param name="tell">Takes a line where something cannot be read; each line once.</param>
internal sealed class FolderWatch(IEnumerable<string> folders, string output, Action<string> tell)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    // A look into very many files costs time of its own: it takes a tenth of all.
    private const int LooksApart = 10;

    private readonly WatchedNames names = new(output);
    private readonly HashSet<string> told = [];
    private readonly HashSet<(ImageInput Image, long Length, DateTime Written)> given = [];
    private HashSet<(ImageInput Image, long Length, DateTime Written)> before = [];

    /// <summary>What is new, whenever there is something, until it is stopped.</summary>
    public IEnumerable<IReadOnlyList<ImageInput>> Batches(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            Stopwatch clock = Stopwatch.StartNew();
            ImageInput[] ready = Look(stop);
            if (ready.Length > 0)
            {
                yield return ready;
            }

            TimeSpan pause = clock.Elapsed * LooksApart;
            stop.WaitHandle.WaitOne(pause > Pause ? pause : Pause);
        }
    }

    // Nothing where it is stopped: that is how a watch ends.
    private ImageInput[] Look(CancellationToken stop)
    {
        List<ImageInput> found;
        try
        {
            found = Find(stop);
        }
        catch (OperationCanceledException)
        {
            return [];
        }

        HashSet<(ImageInput Image, long Length, DateTime Written)> now = [.. found.Select(static image =>
        {
            FileInfo file = new(image.Path);
            return (image, file.Exists ? file.Length : -1, file.LastWriteTimeUtc);
        })];
        (ImageInput Image, long Length, DateTime Written)[] ready = [.. now.Where(one => before.Contains(one) && given.Add(one))];
        before = now;
        return [.. ready.Select(static one => one.Image)];
    }

    private List<ImageInput> Find(CancellationToken stop)
    {
        // An empty folder is one that something may come into, and what is wrong with one image is no matter of the others.
        FoundImages found = ImageInputs.FindAny(folders, output, out IReadOnlyList<BadFileException> refused, stop);
        foreach (BadFileException problem in found.Problems.Concat(refused).Where(problem => told.Add(problem.Message)))
        {
            tell($"cmunext: {problem.Message}");
        }

        List<ImageInput> named = [];
        foreach (ImageInput image in found.Images)
        {
            if (names.Name(image) is { } one)
            {
                named.Add(one);
            }
            else if (new BadFileException(image.Path, "another image's results have the name of its results: rename it").Message
                is var problem && told.Add(problem))
            {
                tell($"cmunext: {problem}");
            }
        }

        return named;
    }
}
