using System.Text.Json;
using System.Text.RegularExpressions;
using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Comparisons;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Resampling;
using CMUNeXt.Training.Tests.Evaluation;

namespace CMUNeXt.Training.Tests.Comparisons;

public sealed class ComparisonTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public ComparisonTests()
    {
        Write("a",
            Results.Drawn("p1_a", "1111....", "1111...."), Results.Drawn("p1_b", "1111....", "11......"),
            Results.Drawn("p2_a", "11......", "........"), Results.Drawn("p2_b", "........", "1......."),
                Results.Drawn("p3_a", "........", "........"));
        Write("b",
            Results.Drawn("p3_a", "........", "........"), Results.Drawn("p1_a", "1111....", "1111...."),
                Results.Drawn("p1_b", "1111....", "1111...."),
            Results.Drawn("p2_a", "11......", "1......."), Results.Drawn("p2_b", "........", "........"),
                Results.Drawn("p4_a", "1.......", "1......."));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Overlaps_are_compared_where_there_is_a_lesion_and_false_positives_where_there_is_none()
    {
        Comparison comparison = Compare();
        Assert.Equal((5, 1, 5), (comparison.Cases, comparison.LeftOut, comparison.Units));

        ComparedMetric iou = comparison.Metrics.Single(metric => metric.Metric == "iou");
        Assert.Equal((3, (1 + 0.5 + 0) / 3, (1 + 1 + 0.5) / 3), (iou.Cases, iou.Means[0].Mean, iou.Means[1].Mean));
        Assert.Equal((0 + 0.5 + 0.5) / 3, iou.Differences[0].Mean!.Value, 1e-12);

        // Distances have no value where one of the two missed the lesion.
        ComparedMetric hd95 = comparison.Metrics.Single(metric => metric.Metric == "hd95");
        Assert.Equal((2, 3, 2), (hd95.Means[0].Defined, hd95.Means[1].Defined, hd95.Differences[0].Defined));

        ComparedMetric healthy = comparison.Metrics.Single(metric => metric.Metric == "false_positive");
        Assert.Equal((2, 0.5, 0.0, -0.5), (healthy.Cases, healthy.Means[0].Mean, healthy.Means[1].Mean, healthy.Differences[0].Mean));
    }

    [Fact]
    public void An_image_whose_only_lesion_is_ignored_counts_nowhere_and_of_none_or_all_there_is_no_interval()
    {
        CaseResult[] cases =
        [
            Results.Drawn("lesion", "11..", "11.."), Results.Drawn("healthy 1", "....", "...."), Results.Drawn("healthy 2", "....", "...."),
            Results.Drawn("uncertain", "....", "1...") with { HasIgnored = true },
        ];
        Write("first", cases);
        Write("second", cases[0], cases[1], Results.Drawn("healthy 2", "....", "1..."), cases[3]);
        ComparedMetric found = Of(null, "first", "second").Metrics.Single(metric => metric.Metric == "false_positive");
        Assert.Equal((2, 0.0, 0.5), (found.Cases, found.Means[0].Mean, found.Means[1].Mean));
        Assert.Null(found.Means[0].Interval);
        Assert.NotNull(found.Means[1].Interval);
    }

    [Fact]
    public void The_intervals_are_those_of_the_report_also_beside_healthy_cases()
    {
        CaseResult[] cases =
        [
            .. Enumerable.Range(1, 5).Select(i => Results.Drawn($"lesion {i}", "11111...", "11111..."[..i] + "........"[i..])),
            .. Enumerable.Range(1, 4).Select(i => Results.Drawn($"healthy {i}", "........", "........")),
        ];
        Write("first", cases);
        Write("second", cases);
        MeanInterval interval = Of(null, "first", "second").Metrics.Single(metric => metric.Metric == "iou").Means[0].Interval!;
        using JsonDocument summary = JsonDocument.Parse(File.ReadAllBytes(folder["first/summary.json"]));
        JsonElement report = summary.RootElement.GetProperty("all").GetProperty("metrics").GetProperty("classes")[0]
            .GetProperty("present").GetProperty("iou").GetProperty("interval");
        Assert.Equal((report.GetProperty("low").GetDouble(), report.GetProperty("high").GetDouble()), (interval.Low, interval.High));
        Assert.True(interval.Low < interval.High);
    }

    [Fact]
    public void The_patient_is_the_unit_where_one_is_named()
    {
        Comparison comparison = Compare(CaseKey.ByName(new Regex("^p[0-9]")));
        Assert.Equal((3, "^p[0-9]"), (comparison.Units, comparison.Unit));

        // Two patients, the same sign in both: of the four sign patterns two are as far from 0.
        double p = comparison.Metrics.Single(metric => metric.Metric == "iou").Differences[0].P!.Value;
        Assert.Equal(0.5, p);
    }

    [Fact]
    public void Without_one_the_unit_is_that_of_the_evaluations_own_intervals()
    {
        CaseKey patient = CaseKey.ByName(new Regex("^p[0-9]"));
        CaseResult[] cases =
            [Results.Drawn("p1_a", "11", "11"), Results.Drawn("p1_b", "11", "1."), Results.Drawn("p2_a", "1.", "..")];
        Write("by patient a", patient, cases);
        Write("by patient b", patient, cases);
        Write("by case", cases);
        Comparison own = Of(null, "by patient a", "by patient b");
        Assert.Equal((2, "^p[0-9]"), (own.Units, own.Unit));
        Comparison said = Of(patient, "by case", "by patient b");
        Assert.Equal((2, "^p[0-9]"), (said.Units, said.Unit));
        AssertRefused("its intervals are by case, and those of", "by patient a", "by case");
    }

    [Fact]
    public void Subgroups_come_from_a_table()
    {
        folder.WriteText("info.csv", "Image;Device\np1_a.png;X\np1_b.png;X\np2_a.png;Y\np2_b.png;Y\np3_a.png;Y\n");
        Comparison comparison = Compare(subgroups: [CaseKey.ByColumn(folder["info.csv"], "Device")]);
        Assert.Equal(
            [(null, 3), ("Device = X", 2), ("Device = Y", 1)],
            comparison.Metrics.Where(metric => metric.Metric == "iou").Select(metric => (metric.Group, metric.Cases)));
        Assert.Contains("Device = X", ComparisonReport.Table(comparison).ToMarkdown(), StringComparison.Ordinal);
        Assert.Equal(ComparisonReport.Table(Compare()).ToMarkdown(), ComparisonReport.ShortTable(comparison).ToMarkdown());
    }

    [Fact]
    public void The_tables_say_the_same_in_every_form()
    {
        ComparisonReport.Write(folder.Path, Compare());
        string markdown = File.ReadAllText(folder["comparison.md"]);
        Assert.StartsWith("| metric | n | a | b | b - a | p |\n| --- | ---: | ---: | ---: | ---: | ---: |\n| IoU, % | 3 | 50.00 [",
            markdown, StringComparison.Ordinal);
        Assert.Contains("| False positive, % | 2 | 50.00 [0.00, 100.00] | 0.00 | -50.00 [", markdown,
            StringComparison.Ordinal);

        // Of three images with a lesion a misses one, which has no distance in a, and no difference.
        Assert.Matches(@"\| HD95, px \| 3 \| [^|]*\] \(2\) \| [^|(]* \| [^|]*\] \(2\) \|", markdown);
        string latex = File.ReadAllText(folder["comparison.tex"]);
        Assert.StartsWith("\\begin{tabular}{lrrrrr}\n\\toprule\nmetric & n & a & b & b $-$ a & p \\\\\n\\midrule\nIoU, \\% & 3 & 50.00 [",
            latex, StringComparison.Ordinal);
        Assert.StartsWith("metric,n,a,b,b - a,p\r\n\"IoU, %\",3,\"50.00 [", File.ReadAllText(folder["comparison.csv"]),
            StringComparison.Ordinal);
        Assert.Contains("\"permutations\": 10000", File.ReadAllText(folder["comparison.json"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_a_table_cannot_be_written_none_of_an_earlier_comparison_stays()
    {
        ComparisonReport.Write(folder.Path, Compare());
        Directory.CreateDirectory(folder["comparison.csv.part"]);
        Assert.ThrowsAny<IOException>(() => ComparisonReport.Write(folder.Path, Compare()));
        Assert.Equal(["comparison.json", "comparison.md"], ComparisonReport.Files.Where(name => File.Exists(folder[name])));
    }

    [Fact]
    public void Evaluations_of_one_name_are_told_apart_and_every_column_of_the_table_once()
    {
        CaseResult[] cases = [Results.Drawn("p1", "11", "11"), Results.Drawn("p2", "11", "1.")];
        string[] names = ["suite/cmunext/evaluation", "suite/unet/evaluation", "suite/unet 2/evaluation"];
        foreach (string name in names)
        {
            Write(name, cases);
        }

        Comparison comparison = Of(null, names);
        Assert.Equal(["cmunext/evaluation", "unet/evaluation", "unet 2/evaluation"], comparison.Evaluations.Select(one => one.Name));
        ComparisonReport.Write(folder.Path, comparison);
        Assert.Equal(
            ["metric", "n", "cmunext/evaluation", "unet/evaluation", "unet 2/evaluation", "unet/evaluation - cmunext/evaluation",
                "p (Holm), unet/evaluation", "unet 2/evaluation - cmunext/evaluation", "p (Holm), unet 2/evaluation"],
            CsvFile.Read(folder["comparison.csv"]).Columns);
        Assert.Throws<ArgumentException>(() => Of(null, names[0], names[0] + "/"));
    }

    [Fact]
    public void A_case_is_the_same_however_another_machine_writes_its_letters()
    {
        Write("linux", Results.Drawn("gr\u00f6\u00dfe", "11", "11"));
        Write("mac", Results.Drawn("gro\u0308\u00dfe", "11", "1."));
        Comparison comparison = Of(null, "linux", "mac");
        Assert.Equal((1, 0), (comparison.Cases, comparison.LeftOut));
        Assert.Equal(-0.5, comparison.Metrics[0].Differences[0].Mean);
    }

    // In the table an apostrophe stands before them.
    [Fact]
    public void Names_that_a_spreadsheet_would_take_for_formulas_are_those_of_the_cases()
    {
        CaseResult[] cases = [Results.Drawn("=1", "11", "11"), Results.Drawn("-1", "11", "1."), Results.Drawn("a1", "11", "..")];
        Write("first", CaseKey.ByName(new Regex("^.")), cases);
        Write("second", CaseKey.ByName(new Regex("^.")), cases);
        Assert.Equal(3, Of(CaseKey.ByName(new Regex("^.")), "first", "second").Units);
        Assert.Equal(3, Of(null, "first", "second").Units);
        Assert.Equal(["=1", "-1", "a1"], JudgedCases.Read(folder["first"]).Cases);
    }

    [Fact]
    public void One_class_is_the_same_by_any_name()
    {
        CaseResult one = Results.Drawn("p1", "11", "11");
        foreach (string name in (string[])["lesion", "nodule"])
        {
            EvaluationReport.Write(folder[name], Results.Info(name), [one], _ => [], Results.Ungrouped);
        }

        Assert.Equal(0, Of(null, "lesion", "nodule").Metrics[0].Differences[0].Mean);
    }

    [Fact]
    public void What_cannot_be_compared_is_refused()
    {
        Write("other", Results.Drawn("q", "11", "11"));
        AssertRefused("no case in common", "a", "other");
        Write("masks", Results.Drawn("p1_a", "111.....", "1111...."));
        AssertRefused("against another reference", "a", "masks");

        // As large, and elsewhere.
        CaseResult here = Results.Drawn("q", "11..", "11..") with { ReferenceSha256 = new string('a', 64) };
        Write("here", here);
        Write("there", Results.Drawn("q", "..11", "11..") with { ReferenceSha256 = new string('b', 64) });
        AssertRefused("against another reference", "here", "there");
        Write("earlier", here with { ReferenceSha256 = null });
        Assert.Equal(1, Of(null, "here", "earlier").Cases);
        Write("classes", Results.Drawn("p1_a", "1111....", "1111....", classes: 2));
        AssertRefused("has other classes", "a", "classes");
        AssertRefused("holds no evaluation", "a", "nothing");
    }

    private void AssertRefused(string expected, params string[] names) => Assert.Contains(
        expected,
        Assert.Throws<BadFileException>(() => Comparison.Of(new ComparisonOptions { Folders = [.. names.Select(name => folder[name])] }))
            .Message,
        StringComparison.Ordinal);

    private Comparison Compare(CaseKey? unit = null, IReadOnlyList<CaseKey>? subgroups = null) =>
        Comparison.Of(new ComparisonOptions { Folders = [folder["a"], folder["b"]], Unit = unit, Subgroups = subgroups ?? [] });

    private Comparison Of(CaseKey? unit, params string[] names) =>
        Comparison.Of(new ComparisonOptions { Folders = [.. names.Select(name => folder[name])], Unit = unit });

    private void Write(string name, params CaseResult[] cases) => Write(name, null, cases);

    private void Write(string name, CaseKey? unit, params CaseResult[] cases) => EvaluationReport.Write(
        folder[name],
        Results.Info([.. Enumerable.Range(1, cases[0].Classes.Count).Select(c => $"class {c}")]) with { Unit = unit?.Name },
        cases, _ => [], CaseGrouping.Of([.. cases.Select(one => one.Name)], unit, []));
}
