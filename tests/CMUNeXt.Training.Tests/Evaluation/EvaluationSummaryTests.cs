using System.Text.Json;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class EvaluationSummaryTests
{
    private static readonly CaseResult[] Mixed =
    [
        Results.Drawn("benign (1)", "11..", "1..."),
        Results.Drawn("benign (2)", "1111", "1111"),
        Results.Drawn("malignant (1)", "11..", "...."),
        Results.Drawn("normal (1)", "....", "1..."),
        Results.Drawn("normal (2)", "....", "...."),
    ];

    [Fact]
    public void Empty_masks_are_counted_and_left_out_where_undefined()
    {
        GroupSummary all = Results.Summarize(Results.Info(), Mixed).All;
        ClassSummary lesion = Assert.Single(all.Metrics.Classes);
        Assert.Equal((5, 2, 1, 1, 1), (all.Cases, lesion.BothPresent, lesion.CorrectlyEmpty, lesion.FalsePositive, lesion.Missed));
        Assert.Equal((0.5 + 1 + 0 + 0) / 4, lesion.Metrics["iou"].Mean);
        Assert.Equal(4, lesion.Metrics["iou"].Count);
        Assert.Equal((0.5 + 1 + 0) / 3, lesion.Metrics["sensitivity"].Mean);
        Assert.Equal((1 + 1 + 0 + 0) / 4.0, lesion.Metrics["precision"].Mean);
        Assert.Equal(2, lesion.Metrics["hd95"].Count);
        Assert.Equal(5, lesion.Metrics["accuracy"].Count);
        Assert.Null(all.AsPublished);
    }

    [Fact]
    public void Subgroups_are_summarized_on_their_own()
    {
        IReadOnlyList<GroupSummary> groups = Results.Summarize(Results.Info(), Mixed).Subgroups;
        Assert.Equal([("benign", 2), ("malignant", 1), ("normal", 2)], groups.Select(g => (g.Name!, g.Cases)));
        Assert.Equal(0.75, groups[0].Metrics.MeanOverClasses["iou"]);
        Assert.Null(groups[1].Metrics.MeanOverClasses["hd95"]);
    }

    [Fact]
    public void What_is_marked_where_nothing_is_is_told()
    {
        EmptyReferenceSummary empty = Results.Summarize(Results.Info(), Mixed).All.Metrics.Classes[0].EmptyReference!;
        Assert.Equal((2, 1, 0.5), (empty.Cases, empty.Found, empty.FoundFraction));
        Assert.Equal((0.125, 2), (empty.FoundArea.Mean, empty.FoundArea.Count));
        Assert.Null(empty.Confident);
        Assert.Null(Results.Summarize(Results.Info(), Mixed[..3]).All.Metrics.Classes[0].EmptyReference);

        CaseResult[] sure =
        [
            Mixed[3] with { Lesions = [new LesionResult(1, 1, 1, 0.9, 0, 0.5), new LesionResult(1, 1, 1, 0.6, 0, 0.1)] },
            Mixed[3] with { Lesions = [new LesionResult(1, 1, 1, 0.6, 0, 0.49)] },
        ];
        Assert.Equal(1, Results.Summarize(Results.Info(), sure).All.Metrics.Classes[0].EmptyReference!.Confident);
    }

    [Fact]
    public void An_image_whose_only_lesion_is_ignored_is_neither_with_a_lesion_nor_without()
    {
        EvaluationSummary summary = Results.Summarize(
            Results.Info(),
            [
                .. Mixed, Results.Drawn("normal (3)", "....", "1...") with { HasIgnored = true },
                Results.Drawn("benign (3)", "1...", "1...") with { HasIgnored = true },
            ]);
        Assert.Equal([("with a lesion", 4), ("without", 2)], summary.ByPresence.Select(group => (group.Name!, group.Cases)));
        Assert.Equal(2, summary.All.Metrics.Classes[0].EmptyReference!.Cases);
        Assert.Equal(7, summary.All.Cases);

        // Nor is what is found there a false positive, or a value of a metric.
        ClassSummary without = Results.Summarize(Results.Info(), Mixed).All.Metrics.Classes[0];
        ClassSummary all = summary.All.Metrics.Classes[0];
        Assert.Equal((without.FalsePositive, without.CorrectlyEmpty), (all.FalsePositive, all.CorrectlyEmpty));
        Assert.Equal(without.Metrics["iou"].Count + 1, all.Metrics["iou"].Count);
    }

    [Fact]
    public void Cases_with_a_lesion_are_summarized_by_thirds_of_its_size()
    {
        CaseResult[] cases =
        [
            Results.Drawn("e", "1111111111", "1111111111"),
            Results.Drawn("a", "1.........", ".........."),
            Results.Drawn("c", "1111......", "11........"),
            Results.Drawn("none", "..........", ".........."),
            Results.Drawn("b", "11........", "11........"),
            Results.Drawn("d", "111111....", "111111...."),
            Results.Drawn("f", "111111111.", "111111111."),
        ];
        IReadOnlyList<GroupSummary> sizes = Results.Summarize(Results.Info(), cases).Sizes;
        Assert.Equal(
            ["small: 10.0 to 20.0 % of the image", "medium: 40.0 to 60.0 % of the image", "large: 90.0 to 100.0 % of the image"],
            sizes.Select(group => group.Name));
        Assert.Equal([0.5, 0.75, 1], sizes.Select(group => group.Metrics.MeanOverClasses["iou"]));
        Assert.Empty(Results.Summarize(Results.Info(), cases[..6]).Sizes);
    }

    [Fact]
    public void Lesions_are_counted_and_their_confidence_is_measured()
    {
        Assert.Null(Results.Summarize(Results.Info(), Mixed).Lesions);
        CaseResult[] cases =
        [
            Mixed[0] with { Lesions = [new LesionResult(1, 3, 1, 0.9, 0.5, 0.75), new LesionResult(1, 3, 1, 0.6, 0.49, 0.25)] },
        ];
        LesionSummary lesions = Results.Summarize(Results.Info(), cases).Lesions!;
        Assert.Equal((2, 1), (lesions.Found, lesions.Right));
        Assert.Equal(0.25, lesions.Reliability!.ExpectedCalibrationError);
        cases[0] = cases[0] with { Lesions = [cases[0].Lesions[0] with { Confidence = null }] };
        Assert.Null(Results.Summarize(Results.Info(), cases).Lesions!.Reliability);
    }

    [Fact]
    public void The_mean_over_classes_is_that_of_the_classes_means()
    {
        // Class 1: IoU 1/2 and 1, class 2: IoU 0 in the only case that has it, class 3 is nowhere.
        EvaluationSummary summary = Results.Summarize(
            Results.Info("a", "b", "c"),
            [Results.Drawn("x", "11.22", "1....", 3), Results.Drawn("y", "11...", "11...", 3)]);
        Assert.Equal([0.75, 0, null], summary.All.Metrics.Classes.Select(c => c.Metrics["iou"].Mean));
        Assert.Equal(0.375, summary.All.Metrics.MeanOverClasses["iou"]);
        Assert.Equal([1, 2, 3], summary.All.Metrics.Classes.Select(c => c.Class));
    }

    [Fact]
    public void The_metrics_as_published_are_summarized_under_their_own_name()
    {
        MetricsAsPublished one = MetricsAsPublished.Of([9, 9], [1, 0], 1, null);
        MetricsAsPublished two = MetricsAsPublished.Of([9, -9], [1, 0], 1, null);
        GroupSummary all = Results.Summarize(
            Results.Info(), [Mixed[0] with { AsPublished = one }, Mixed[1] with { AsPublished = two }]).All;
        Assert.Equal(0.75, all.AsPublished!["iou"].Mean!.Value, 1e-4);
        Assert.Equal(2, all.AsPublished["dice_coef"].Count);
    }

    [Fact]
    public void Json_has_stable_names_and_null_for_undefined()
    {
        EvaluationInfo info = Results.Info() with { Data = "BUSI_prepared", Notes = ["één"] };
        using JsonDocument json = JsonDocument.Parse(
            Results.Summarize(info, [.. Mixed, Mixed[0] with { Name = "\"odd\" \\ name" }]).ToJson());
        JsonElement root = json.RootElement;
        Assert.Equal("ab12", root.GetProperty("info").GetProperty("weights_sha256").GetString());
        Assert.Contains("Data in Brief 28 (2020) 104863", root.GetProperty("info").GetProperty("citation").GetString());
        Assert.Equal("één", root.GetProperty("info").GetProperty("notes")[0].GetString());
        Assert.Contains("missed", root.GetProperty("empty_masks").GetString());
        JsonElement lesion = root.GetProperty("all").GetProperty("metrics").GetProperty("classes")[0];
        Assert.Equal(1, lesion.GetProperty("correctly_empty").GetInt32());
        Assert.Equal(1, lesion.GetProperty("false_positive").GetInt32());
        Assert.Equal(1, lesion.GetProperty("missed").GetInt32());
        Assert.Equal(3, lesion.GetProperty("both_present").GetInt32());
        Assert.Equal(
            ["iou", "dice", "f1", "sensitivity", "precision", "specificity", "accuracy", "hd95", "assd"],
            lesion.GetProperty("metrics").EnumerateObject().Select(p => p.Name));
        Assert.Equal(
            ["mean", "std", "median", "count", "interval"],
            lesion.GetProperty("metrics").GetProperty("iou").EnumerateObject().Select(p => p.Name));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("all").GetProperty("as_published").ValueKind);
        JsonElement malignant = root.GetProperty("subgroups")[1];
        Assert.Equal("malignant", malignant.GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, malignant.GetProperty("metrics").GetProperty("mean_over_classes").GetProperty("hd95").ValueKind);
    }

    [Fact]
    public void Another_data_set_has_no_citation()
    {
        EvaluationInfo info = Results.Info();
        Assert.Null(info.Citation);
        Assert.Null(info.Caution);
        Assert.Null((info with { Data = "business-scans" }).Citation);
        Assert.NotNull((info with { Data = "my_busi-2" }).Citation);
    }

    [Fact]
    public void Nothing_marked_where_nothing_is_counts_as_no_confident_mark_where_marks_have_a_confidence()
    {
        CaseResult healthy = Results.Drawn("healthy", "....", "....");
        CaseResult other = Results.Drawn("other", "11..", "11..");
        EmptyReferenceSummary Of(double? confidence) => Results.Summarize(
            Results.Info(),
            [healthy, other with { Lesions = [new LesionResult(1, 2, 1, 0.9, 1, confidence)] }]).All.Metrics.Classes[0].EmptyReference!;
        Assert.Equal((1, 0, 0), (Of(0.9).Cases, Of(0.9).Found, Of(0.9).Confident));
        Assert.Null(Of(null).Confident);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Results.Summarize(Results.Info(), []));
        ArgumentException e = Assert.Throws<ArgumentException>(() => Results.Summarize(Results.Info("a", "b"), Mixed));
        Assert.Contains("benign (1)", e.Message);
    }
}
