using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Evaluation;

/// <summary>Which class is taken for which, over three cases whose sums are worked by hand.</summary>
public sealed class ClassConfusionTests
{
    private static readonly string[] Classes = ["benign", "malignant"];

    private static readonly CaseResult[] Cases =
    [
        // Of the second class (3 + 4 + 9 against 14 + 1 + 2), and taken for the first (12 + 4 + 1 against 2 + 9 + 2). Without the pixels
        // that the other mask calls background, both would be the other way around.
        Counted("confused", [[10, 12, 2], [3, 4, 9], [14, 1, 2]]),
        Counted("healthy", [[20, 5, 1], [0, 0, 0], [0, 0, 0]]),
        Counted("missed", [[7, 0, 0], [1, 0, 0], [2, 0, 0]]),
    ];

    [Fact]
    public void Rows_are_the_reference_and_an_image_counts_to_the_class_of_most_of_its_lesions_pixels()
    {
        ClassConfusion confusion = Results.Summarize(Results.Info(Classes), Cases).Confusion!;
        Assert.Equal(["background", "benign", "malignant"], confusion.Names);
        Assert.Equal([37, 17, 3, 4, 4, 9, 16, 1, 2], confusion.Pixels.SelectMany(static row => row));
        Assert.Equal([0, 1, 0, 0, 0, 0, 1, 1, 0], confusion.Images.SelectMany(static row => row));
    }

    [Fact]
    public void An_image_that_is_neither_healthy_nor_shows_a_lesion_counts_nowhere()
    {
        CaseResult uncertain = Results.Drawn("uncertain", "..", "21", 2) with
        {
            ClassPixels = [[20, 5, 1], [0, 0, 0], [0, 0, 0]],
            HasIgnored = true,
        };
        ClassConfusion expected = Results.Summarize(Results.Info(Classes), Cases).Confusion!;
        ClassConfusion confusion = Results.Summarize(Results.Info(Classes), [.. Cases, uncertain]).Confusion!;
        Assert.Equal(expected.Pixels.SelectMany(static row => row), confusion.Pixels.SelectMany(static row => row));
        Assert.Equal(expected.Images.SelectMany(static row => row), confusion.Images.SelectMany(static row => row));
    }

    [Fact]
    public void The_report_shows_each_row_with_its_parts_in_percent()
    {
        string[] tables = ReportPage.Html(Results.Summarize(Results.Info(Classes), Cases), Cases, static _ => [1, 2, 3])
            .Split("<h2>Confusion of the classes</h2>")[1].Split("<h3>Pixels</h3>");
        Assert.Contains(
            "<th>Reference</th><th>background</th><th>benign</th><th>malignant</th>", tables[0], StringComparison.Ordinal);
        Assert.Contains(
            "<tr><td>malignant</td><td>1 (50.00 %)</td><td>1 (50.00 %)</td><td>0 (0.00 %)</td></tr>", tables[0], StringComparison.Ordinal);
        Assert.Contains("<tr><td>benign</td><td>0</td><td>0</td><td>0</td></tr>", tables[0], StringComparison.Ordinal);
        Assert.Contains(
            "<tr><td>background</td><td>37 (64.91 %)</td><td>17 (29.82 %)</td><td>3 (5.26 %)</td></tr>", tables[1],
            StringComparison.Ordinal);
    }

    [Fact]
    public void There_is_none_of_one_class_nor_where_a_case_was_not_counted()
    {
        Assert.Null(Results.Summarize(Results.Info(), [Results.Drawn("one", "1.", ".1")]).Confusion);
        Assert.Null(Results.Summarize(Results.Info(Classes), [.. Cases, Cases[0] with { ClassPixels = null }]).Confusion);
    }

    private static CaseResult Counted(string name, long[][] pixels) =>
        Results.Drawn(name, "12", "21", 2) with { ClassPixels = pixels };
}
