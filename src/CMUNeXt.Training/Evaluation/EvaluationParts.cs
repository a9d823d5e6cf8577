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
        PartRecords records = In(folder);
        using FolderLock? held = records.TakeToJoin();
        missing = [];
        if (held is null || Join(folder, count, ended, out missing) is not var (job, judged))
        {
            return null;
        }

        OwnFiles own = OwnFiles.In(folder);
        (EvaluationSummary Summary, IReadOnlyList<string> Failures) concluded = job.Conclude(folder, own, judged);
        own.JoinLists();
        if (concluded.Failures.Count == 0)
        {
            records.Remove();
        }

        return concluded;
    }

    private static (EvaluationJob Job, IReadOnlyList<JudgedCase> Judged)? Join(
        string folder, int count, WorkPart? ended, out IReadOnlyList<int> missing)
    {
        PartRecords records = In(folder);
        string? head = ended is null ? null : EvaluationJournal.Read(records.PathOf(ended))?.Head;
        if (ended is not null && head is null)
        {
            // Another part has joined them meanwhile.
            missing = [];
            return null;
        }

        WorkPart? first = ended;
        EvaluationJob? job = null;
        List<int> notDone = [];
        Dictionary<int, JudgedCase> all = [];
        foreach (WorkPart part in WorkPart.AllOf(count))
        {
            string path = records.PathOf(part);
            (string Head, IReadOnlyList<JudgedCase> Judged)? found = EvaluationJournal.Read(path);
            if (found is not var (own, judged) || (ended is not null && own != head))
            {
                notDone.Add(part.Number);
                continue;
            }

            head ??= own;
            first ??= part;
            job ??= EvaluationJournal.ReadJob(path, head);
            if (own != head)
            {
                throw new BadFileException(
                    path,
                    $"is of a job of other options, weights or cases than part {first.Number}; start the parts that differ again");
            }

            foreach (JudgedCase one in judged)
            {
                all[one.Place] = one;
            }

            if (Enumerable.Range(0, job.Cases.Count).Any(place => part.Has(place) && !all.ContainsKey(place)))
            {
                notDone.Add(part.Number);
            }
        }

        if (notDone.Count == 0)
        {
            notDone.AddRange(all.Values.Where(static one => one.HasChanged()).Select(one => (one.Place % count) + 1).Distinct().Order());
        }

        missing = notDone;
        return notDone.Count == 0 ? (job!, [.. all.OrderBy(static one => one.Key).Select(static one => one.Value)]) : null;
    }
}
