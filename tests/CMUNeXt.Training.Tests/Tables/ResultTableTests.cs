using CMUNeXt.Training.Resampling;
using CMUNeXt.Training.Tables;

namespace CMUNeXt.Training.Tests.Tables;

public sealed class ResultTableTests
{
    private static readonly ResultTable Table = new(["name", "IoU, %"], [["a_b & 5 % | {x}", "<1"], ["=c", "50.0"]], Names: 1);

    [Fact]
    public void What_has_a_meaning_to_Markdown_stands_as_itself() => Assert.Equal(
        "| name | IoU, % |\n| --- | ---: |\n| a_b & 5 % \\| {x} | <1 |\n| =c | 50.0 |\n", Table.ToMarkdown());

    [Fact]
    public void A_zero_has_no_sign() => Assert.Equal(
        "0.00 [-0.01, 0.00]", ResultTable.Value(-0.00001, new MeanInterval(-0.0001, -0.00004), 5, 5, inPixels: false));

    [Fact]
    public void What_has_a_meaning_to_LaTeX_stands_as_itself() => Assert.Equal(
        "\\begin{tabular}{lr}\n\\toprule\nname & IoU, \\% \\\\\n\\midrule\na\\_b \\& 5 \\% | \\{x\\} & $<$1 \\\\\n"
            + "=c & 50.0 \\\\\n\\bottomrule\n\\end{tabular}\n",
        Table.ToLatex());

    [Fact]
    public void Names_of_folders_may_head_a_column_in_LaTeX_and_a_minus_is_no_hyphen()
    {
        ResultTable table = new(
            ["cases", "run_1", "run_2 - run_1", "p"], [["benign -1", "-0.81 [-1.13, -0.48]", "-", "<0.001"]], Names: 1);
        Assert.Equal(
            "\\begin{tabular}{lrrr}\n\\toprule\ncases & run\\_1 & run\\_2 $-$ run\\_1 & p \\\\\n\\midrule\n"
                + "benign -1 & $-$0.81 [$-$1.13, $-$0.48] & - & $<$0.001 \\\\\n\\bottomrule\n\\end{tabular}\n",
            table.ToLatex());
    }

    [Fact]
    public void What_has_a_meaning_to_a_spreadsheet_stands_as_itself() =>
        Assert.Equal("name,\"IoU, %\"\r\na_b & 5 % | {x},<1\r\n'=c,50.0\r\n", Table.ToCsv());

    [Fact]
    public void A_negative_number_stands_as_itself_and_a_name_that_begins_so_does_not() => Assert.Equal(
        "'-a,\"-0.35 [-1.20, 0.40]\"\r\nb,-\r\n",
        new ResultTable(["name", "difference"], [["-a", "-0.35 [-1.20, 0.40]"], ["b", "-"]], Names: 1).ToCsv()
            .Replace("name,difference\r\n", "", StringComparison.Ordinal));
}
