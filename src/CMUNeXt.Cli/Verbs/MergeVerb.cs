using System.CommandLine;
using CMUNeXt.Cli.Parts;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>merge</c>: the summary of a prediction in parts, where the last part could not write it.</summary>
internal static class MergeVerb
{
    private static readonly Argument<string> Folder = new("DIR") { Description = "The output folder of the parts." };

    public static Command Create()
    {
        Command command = new("merge", "Write the summary of a prediction in parts (predict --part), as the last part does.") { Folder };
        command.SetAction((parsed, _) => Task.FromResult(Run(parsed.GetValue(Folder)!)));
        return command;
    }

    private static int Run(string folder)
    {
        if (folder.Length == 0)
        {
            throw new UsageException("DIR is the name of a folder, and this one is empty");
        }

        int count = PartRecord.FindCount(folder)
            ?? throw new BadFileException(folder, "no part has left its record here; the summary is there already, or no part has ended");
        PartRecord joined = PredictionParts.Merge(folder, count, out IReadOnlyList<int> missing)
            ?? throw new BadFileException(folder, missing.Count == 0
                ? "another process writes here; wait until it has ended"
                : $"{missing.Count} of {count} parts are not done: {string.Join(", ", missing.Take(10))}; start them again");
        PredictionParts.Print(joined, folder);
        return joined.Found.Values.All(static one => one.IsDone) ? ExitStatus.Done : ExitStatus.Failed;
    }
}
