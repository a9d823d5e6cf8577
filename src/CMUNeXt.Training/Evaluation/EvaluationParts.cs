using CMUNeXt.Files;

namespace CMUNeXt.Training.Evaluation;

/// <summary>Makes one evaluation of its parts.</summary>
public static class EvaluationParts
{
    /// <summary>The records that the parts leave in a folder.</summary>
    public static PartRecords In(string folder) => new(folder, "evaluation");

    /// <summary>
    /// Writes tables, report and summary where all parts are there: the bytes that one process would have written. Where a case could not
    /// be judged, the records stay, so that its part is all that has to be started again.
    /// </summary>
    /// <param name="folder">The folder of the parts.</param>
    /// <param name="count">The number of parts.</param>
    /// <param name="missing">The parts that are not done yet, or whose files have changed since.</param>
    /// <returns>
    /// The summary, and why cases were left out, in one line each; null where a part is missing, or another process keeps the
    /// folder, or has written the summary.
    /// </returns>
    /// <exception cref="BadFileException">
    /// The parts are not of one job, no case could be judged, or somebody's file stands where one is to be written.
    /// </exception>
    public static (EvaluationSummary Summary, IReadOnlyList<string> Failures)? Merge(
        string folder, int count, out IReadOnlyList<int> missing) => Merge(folder, count, null, out missing);

    /// <summary>
    /// The same at the end of a part: what parts of an earlier job left, before they are started again, counts as missing.
    /// </summary>
    /// <param name="folder">The folder of the parts.</param>
    /// <param name="ended">The part, which has left its record.</param>
    /// <param name="missing">The parts that are not done yet, or whose files have changed since.</param>
    /// <returns>As <see cref="Merge(string, int, out IReadOnlyList{int})"/>.</returns>
    /// <exception cref="BadFileException">No case could be judged, or somebody's file stands where one is to be written.</exception>
    public static (EvaluationSummary Summary, IReadOnlyList<string> Failures)? Merge(
        string folder, WorkPart ended, out IReadOnlyList<int> missing)
    {
        ArgumentNullException.ThrowIfNull(ended);
        return Merge(folder, ended.Count, ended, out missing);
    }

    private static (EvaluationSummary Summary, IReadOnlyList<string> Failures)? Merge(
        string folder, int count, WorkPart? ended, out IReadOnlyList<int> missing)
    {
        (EvaluationSummary Summary, IReadOnlyList<string> Failures)? concluded = null;
        In(folder).Join(
            count,
            ended,
            part => JudgedPart.Read(In(folder).PathOf(part), part),
            (parts, own) =>
            {
                EvaluationJob job = parts[0].ReadJob();
                if (job.Rules != EvaluationJob.CurrentRules)
                {
                    throw new BadFileException(folder, "holds parts that another version of this program judged; start them again");
                }

                CheckCopies(folder, parts);
                SortedDictionary<int, JudgedCase> judged = [];
                foreach (JudgedCase one in parts.SelectMany(static part => part.Judged))
                {
                    judged[one.Place] = one;
                }

                concluded = job.Conclude(folder, own, [.. judged.Values]);
                return concluded.Value.Failures.Count;
            },
            out missing);
        return concluded;
    }

    // Parts may read copies of the data set. Those that are seen here are the same, or one of them is an old one.
    private static void CheckCopies(string folder, IReadOnlyList<JudgedPart> parts)
    {
        string? first = parts.SelectMany(static part => part.Judged).Select(static one => one.DataFolder).FirstOrDefault(Directory.Exists);
        foreach (JudgedCase one in parts.SelectMany(static part => part.Judged))
        {
            if (first is not null && one.DataFolder is { } other && other != first
                && one.Paths!.FirstOrDefault(path => IsOtherThan(path, other, first)) is { } path)
            {
                throw new BadFileException(
                    folder,
                    $"holds parts that judged different files, {path} and its counterpart in {first}; start those again that had an old "
                        + "copy");
            }
        }
    }

    private static bool IsOtherThan(string path, string folder, string otherFolder)
    {
        string name = Path.GetRelativePath(folder, path);
        string same = Path.Combine(otherFolder, name);
        return !name.StartsWith("..", StringComparison.Ordinal) && File.Exists(path) && File.Exists(same)
            && JudgedCase.Hash([path]) != JudgedCase.Hash([same]);
    }

    private sealed record JudgedPart(WorkPart Part, string Path, string Job, IReadOnlyList<JudgedCase> Judged) : IPartRecord
    {
        public static JudgedPart? Read(string path, WorkPart part) =>
            EvaluationJournal.Read(path) is var (head, judged) ? new JudgedPart(part, path, head, judged) : null;

        public EvaluationJob ReadJob() => EvaluationJournal.ReadJob(Path, Job);

        public bool IsWhole()
        {
            EvaluationJob job = ReadJob();
            string folder = System.IO.Path.GetDirectoryName(Path)!;
            HashSet<int> places = [.. Judged.Where(one => one.HasOverlay(folder, job)).Select(static one => one.Place)];
            return Enumerable.Range(0, job.Cases.Count).Where(Part.Has).All(places.Contains);
        }

        public bool HasChanged() => Judged.Any(static one => one.HasChanged());
    }
}
