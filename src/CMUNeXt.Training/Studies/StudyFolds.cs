using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Training.Studies;

/// <summary>The lists of a study's folds, which stand in its folder.</summary>
internal sealed class StudyFolds
{
    private const string ListsFolder = "lists";
    private const string DivisionFile = "division.json";

    private readonly string folder;
    private readonly IReadOnlyList<string>[] validation;

    private StudyFolds(string folder, int count, CaseKey? unit)
    {
        this.folder = folder;
        validation = [.. Enumerable.Range(1, count).Select(fold => CaseList.Read(ValidationPath(fold)).Names)];
        HashSet<string> seen = new(CanonicalText.Comparer);
        for (int fold = 1; fold <= count; fold++)
        {
            IReadOnlyList<string> trained = CaseList.Read(TrainPath(fold)).Names;
            string[] known = [.. trained.Intersect(validation[fold - 1], CanonicalText.Comparer)];
            if (known.Length > 0)
            {
                throw new BadFileException(
                    TrainPath(fold),
                    $"trains on what its fold is judged on ({ShortList.Of(known)}), which is then not out of fold; "
                        + "give lists that share no case, and another --output");
            }

            string[] patients = unit is null ? [] : [.. unit.UnitsOf(trained).Intersect(unit.UnitsOf(validation[fold - 1]))];
            if (patients.Length > 0)
            {
                throw new BadFileException(
                    TrainPath(fold),
                    $"trains on images of those whose others its fold is judged on (by {unit!.Name}: {ShortList.Of(patients)}); "
                        + "give lists that keep the images of one together, and another --output");
            }

            if (validation[fold - 1].FirstOrDefault(name => !seen.Add(name)) is { } twice)
            {
                throw new BadFileException(
                    ValidationPath(fold),
                    $"has the case {twice} of another fold too, so it would be judged twice; "
                        + "give lists that share no case, and another --output");
            }
        }
    }

    /// <summary>The number of folds.</summary>
    public int Count => validation.Length;

    /// <summary>Reads the lists, or makes them.</summary>
    /// <param name="plan">How to divide.</param>
    /// <param name="study">The study's folder.</param>
    /// <param name="progress">Told of each image that is compared, from several threads.</param>
    /// <param name="cancellation">Stops the division; no list is written then.</param>
    /// <exception cref="BadFileException">
    /// The data set cannot be divided so, or the folder holds the lists of another division, or somebody's file where one is to be written.
    /// </exception>
    public static StudyFolds Open(StudyPlan plan, string study, IProgress<CaseProgress>? progress, CancellationToken cancellation)
    {
        string folder = Path.Combine(study, ListsFolder);
        int count = plan.Folds ?? plan.Lists!.Count;
        Division division = new(
            Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(plan.Data))), plan.Folds, plan.Lists, plan.SplitSeed,
            plan.By, plan.GroupBy, HashCases(plan));
        string divisionPath = Path.Combine(folder, DivisionFile);

        // Parts that begin together: one divides, and the others find what it wrote.
        using FolderLock? held = File.Exists(divisionPath)
            ? null : FolderLock.TryTake(folder, Timeout.InfiniteTimeSpan, cancellation);
        if (File.Exists(divisionPath))
        {
            return division.Is(File.ReadAllText(divisionPath))
                ? new StudyFolds(folder, count, plan.Unit)
                : throw new BadFileException(divisionPath,
                    "belongs to a study that divides its data otherwise: its plan, cases, lists or patients were others; "
                    + "put back what has changed, or give another --output");
        }

        // Before the lists are named: too many folds are refused there.
        IReadOnlyList<Split> splits = Divide(plan, progress, cancellation);

        // Here it begins: whatever a study writes later is its own from now on.
        string[] lists =
            [.. Enumerable.Range(1, count).SelectMany(number => new[] { TrainPath(folder, number), ValidationPath(folder, number) })];
        OwnFiles.In(study).Claim([.. StudyReport.Files, .. lists.Append(divisionPath).Select(path => Path.GetRelativePath(study, path))]);
        int fold = 0;
        foreach (Split split in splits)
        {
            fold++;
            CaseList.Write(TrainPath(folder, fold), split.Train);
            CaseList.Write(ValidationPath(folder, fold), split.Validation);
        }

        // The last: whoever finds it takes the lists for complete.
        StudyFolds folds = new(folder, count, plan.Unit);
        AtomicFile.WriteText(divisionPath, division.ToJson());
        return folds;
    }

    /// <summary>The list that a fold trains on.</summary>
    public string TrainPath(int fold) => TrainPath(folder, fold);

    /// <summary>The list that a fold is judged on.</summary>
    public string ValidationPath(int fold) => ValidationPath(folder, fold);

    /// <summary>The cases that a fold is judged on.</summary>
    public IReadOnlyList<string> Validation(int fold) => validation[fold - 1];

    private static string TrainPath(string folder, int fold) => Path.Combine(folder, SplitLists.TrainName(fold));

    private static string ValidationPath(string folder, int fold) => Path.Combine(folder, SplitLists.ValidationName(fold));

    private static IReadOnlyList<Split> Divide(StudyPlan plan, IProgress<CaseProgress>? progress, CancellationToken cancellation)
    {
        if (plan.Lists is { } lists)
        {
            return [.. lists.Select(pair => new Split(plan.ReadList(pair.Train).Names, plan.ReadList(pair.Val).Names))];
        }

        DataSet data = DataSet.Open(plan.Data);
        SplitOptions options = new() { Folds = plan.Folds, Seed = plan.SplitSeed, GroupBy = plan.Unit };
        return SplitLists.Divide(data, options, CaseProgress.Counting(data.Cases.Count, progress), cancellation).Splits;
    }

    // The names on the lists that are given, or of all cases, and whose they are.
    private static string HashCases(StudyPlan plan)
    {
        IReadOnlyList<string>[] lists = plan.Lists is { } given
            ? [.. given.SelectMany(pair => new[] { plan.ReadList(pair.Train).Names, plan.ReadList(pair.Val).Names })]
            : [[.. DataSet.Open(plan.Data).Cases.Select(static one => one.Name)]];
        CaseKey? unit = plan.Unit;
        return Sha256.Of(JsonSerializer.SerializeToUtf8Bytes(
            lists.Select(names => new { Names = names.Select(CanonicalText.Compose), Units = unit?.UnitsOf(names) })));
    }

    // What the lists depend on.
    private sealed record Division(string Data, int? Folds, IReadOnlyList<StudyLists>? Lists, long SplitSeed, string? By, string? GroupBy,
        string? CasesSha256)
    {
        // The folder may have another name by now, and an earlier version did not say whom it had divided.
        public bool Is(string written)
        {
            try
            {
                if (JsonNode.Parse(written) is not JsonObject earlier)
                {
                    return false;
                }

                JsonObject now = JsonNode.Parse((earlier.ContainsKey("cases_sha256") ? this : this with { CasesSha256 = null }).ToJson())!
                    .AsObject();
                earlier["data"] = now["data"]!.DeepClone();
                return JsonNode.DeepEquals(earlier, now);
            }
            catch (JsonException)
            {
                return false;
            }
        }

        public string ToJson() => JsonSerializer.Serialize(this, RunJson.Options) + "\n";
    }
}
