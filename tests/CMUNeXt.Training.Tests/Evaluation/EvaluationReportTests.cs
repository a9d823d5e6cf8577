using System.Text;
using System.Text.Json;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class EvaluationReportTests : IDisposable
{
    private readonly string folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Writes_three_files_and_nothing_else()
    {
        EvaluationSummary summary = Write(Results.Info(), Cases(3));
        Assert.Equal(["cases.csv", "report.html", "summary.json"], Directory.GetFiles(folder).Select(Path.GetFileName).Order());
        Assert.Equal(summary.ToJson(), File.ReadAllText(Path.Combine(folder, "summary.json")));
        using JsonDocument json = JsonDocument.Parse(summary.ToJson());
        Assert.Equal(4, File.ReadAllText(Path.Combine(folder, "cases.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Lesions_have_a_table_and_their_confidence_a_diagram()
    {
        CaseResult[] cases =
        [
            Results.Drawn("benign (1)", "11..", "1...") with { Lesions = [new LesionResult(1, 1, 1, 0.875, 0.5, 0.75)] },
            Results.Drawn("normal (1)", "....", "1...") with { Lesions = [new LesionResult(1, 1, 0.25, 0.5625, 0, 0.125)] },
        ];
        Write(Results.Info(), cases);
        Assert.Equal(
            "case,subgroup,class_name,area,share,mean_probability,iou,confidence\r\nbenign (1),benign,lesion,1,1,0.875,0.5,0.75\r\nnormal "
                + "(1),normal,lesion,1,0.25,0.5625,0,0.125\r\n",
            File.ReadAllText(Path.Combine(folder, "lesions.csv")));
        string page = Page();
        Assert.All(["Reliability diagram", "2 lesions were found", "confidence 75 %", "Healthy images"],
            text => Assert.Contains(text, page));
    }

    [Fact]
    public void An_image_without_one_of_several_classes_is_not_called_healthy()
    {
        CaseResult[] cases = [Results.Drawn("a", "11..", "11..", 2), Results.Drawn("b", "..22", "..22", 2)];
        Write(Results.Info("benign", "malignant"), [cases[0] with { Lesions = [new LesionResult(1, 2, 1, 0.9, 1, 0.9)] }, cases[1]]);
        string page = Page();
        Assert.DoesNotContain("Healthy images", page, StringComparison.Ordinal);
        Assert.Contains("<h2>Images without the class</h2>", page, StringComparison.Ordinal);
        Assert.Contains("The cases whose reference does not hold the class.", page, StringComparison.Ordinal);
        Assert.Contains("<p>1 lesion was found", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_head_says_how_many_weight_files_judged()
    {
        Write(Results.Info(), Cases(3));
        Assert.Contains("<dt>Weights</dt><dd>best.safetensors</dd>", Page(), StringComparison.Ordinal);
        Write(Results.Info() with { WeightFiles = 10 }, Cases(3));
        Assert.Contains("<dt>Weights</dt><dd>best.safetensors (10 files)</dd>", Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_writing_fails_there_is_no_summary_that_would_pass_for_complete()
    {
        Assert.Throws<IOException>(
            () => EvaluationReport.Write(
                folder, Results.Info(), [Results.Drawn("a", "1.", "1.")], _ => throw new IOException("the disk is full"),
                Results.Ungrouped));
        Assert.Null(EvaluationReport.Read(folder));
    }

    [Fact]
    public void A_summary_is_read_as_it_was_written()
    {
        Assert.Null(EvaluationReport.Read(folder));
        EvaluationSummary written = Write(Results.Info(), Cases(3));
        Assert.Equal(written.ToJson(), EvaluationReport.Read(folder)!.ToJson());
        File.WriteAllText(Path.Combine(folder, "summary.json"), "{}");
        Assert.Contains(
            "evaluate again", Assert.Throws<Files.BadFileException>(() => EvaluationReport.Read(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_says_what_was_evaluated()
    {
        Write(Results.Info() with { Data = "Dataset_BUSI_with_GT", Notes = ["2 cases were left out"] }, Cases(4));
        string page = Page();
        Assert.All(
            ["Dataset_BUSI_with_GT", "val.txt", "4 cases", "best.safetensors", "ab12", "cmunext-s", "managed",
                "2 cases were left out", "Data in Brief 28 (2020) 104863", "malignant (145) and benign (433)"],
            text => Assert.Contains(text, page));
    }

    [Fact]
    public void Overlays_stand_in_the_page_and_are_asked_for_where_shown()
    {
        List<string> asked = [];
        EvaluationReport.Write(folder, Results.Info(), Cases(60), Overlay, Results.Ungrouped);
        Assert.Equal(18, asked.Count);
        string page = Page();
        Assert.All(asked, name => Assert.Contains(
            $"data:image/png;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes($"image of {name}"))}", page));

        byte[] Overlay(string name)
        {
            asked.Add(name);
            return Encoding.UTF8.GetBytes($"image of {name}");
        }
    }

    [Fact]
    public void Names_from_outside_cannot_become_markup()
    {
        const string hostile = "<script>alert('x')</script>\"&";
        CaseResult[] cases = [Results.Drawn(hostile, "12", "11", 2),
            .. Cases(1).Select(_ => Results.Drawn(hostile + " (1)", "12", "11", 2))];
        EvaluationInfo info = Results.Info(hostile, hostile) with
        {
            Data = hostile,
            List = hostile,
            Weights = hostile,
            WeightsSha256 = hostile,
            Model = hostile,
            Backend = hostile,
            Predictions = hostile,
            OverlayLegend = hostile,
            Notes = [hostile],
        };
        Write(info, cases);
        string page = Page();
        Assert.DoesNotContain("<script>alert", page);
        Assert.Contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;", page);
        Assert.Equal(2, page.Split("<script>").Length);
    }

    [Fact]
    public void Nothing_is_loaded_from_elsewhere()
    {
        Write(Results.Info(), Cases(20));
        string page = Page();
        Assert.Contains("default-src 'none'", page);
        Assert.All(["http://", "https://", "<link", "url(", "@import", "src=\"//"], text => Assert.DoesNotContain(text, page));
    }

    [Fact]
    public void The_metrics_as_published_are_shown_where_there_is_one()
    {
        Write(Results.Info(), Cases(3));
        Assert.DoesNotContain("as published", Page());
        MetricsAsPublished published = MetricsAsPublished.Of([9, 9, -9, -9], [1, 0, 0, 0], 1, null);
        Write(Results.Info(), [.. Cases(3).Select(c => c with { AsPublished = published })]);
        Assert.Contains("<h2>Metrics as published", Page());
        Assert.Contains("what a presence threshold leaves out counts here", Page());
        Assert.Contains("IoU as published", Page());
    }

    [Fact]
    public void Cases_without_any_defined_value_make_a_page_too()
    {
        Write(Results.Info(), [Results.Drawn("normal (1)", "..", "..")]);
        Assert.Contains("correctly empty", Page());
    }

    [Fact]
    public void Results_written_before_are_replaced()
    {
        Write(Results.Info(), Cases(3));
        Write(Results.Info() with { Data = "others" }, Cases(3));
        Assert.Contains("others", Page());
    }

    private static CaseResult[] Cases(int count) => [.. Enumerable.Range(0, count).Select(i => Results.Overlapping($"case {i}", i))];

    private string Page() => File.ReadAllText(Path.Combine(folder, "report.html"));

    private EvaluationSummary Write(EvaluationInfo info, IReadOnlyList<CaseResult> cases) =>
        EvaluationReport.Write(folder, info, cases, static _ => [1, 2, 3], Results.Ungrouped);
}
