using System.Text.RegularExpressions;
using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Data;

public sealed class CaseKeyTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("Image,Woman\na,W1\nb,W2\nc,W1\n")]
    [InlineData("Image;Woman\r\nb.png;W2\r\na.PNG;W1\r\nc.jpg;W1\r\nunused;W9\r\n")]
    [InlineData("\ufeffWoman\tIndex\tFile\nW1\t1\ta\n\"W2\"\t2\tb\nW1\t3\t\"c\"\n")]
    [InlineData("Image;Woman;;\na;W1;;\nb;W2;;\nc;W1;;\n")]
    [InlineData("sep=;\r\nImage;Woman\r\na;W1\r\nb;W2\r\nc;W1\r\n")]
    [InlineData("\n \nImage;Woman\na;W1\nb;W2\nc;W1\n")]
    [InlineData("Image;Woman;\"Age, sex, side\"\na;W1;x\nb;W2;x\nc;W1;x\n")]
    [InlineData("Image,Woman\na.gif,W1\nb.jfif,W2\nc.dib,W1\n")]
    public void A_table_is_read_whatever_stands_between_its_values_and_its_case_column_is_found(string table) =>
        Assert.Equal(["W1", "W2", "W1"], Read(table, "Woman"));

    [Theory]
    [InlineData("Image,Woman\na,W1\nb,W2\n", "no column names all cases; Image names the most, but not 1: c")]
    [InlineData("Image,Woman\nimages/a.webp,W1\nimages/b.webp,W2\n",
        "no column names a case; one has to, without folders, such as a or a.png")]
    [InlineData("Image,Patient\na,1\n", "has no column 'Woman'; there are Image, Patient")]
    [InlineData("Image,Woman\na,W1\na,W2\nb,W1\nc,W1\n", "says both 'W1' and 'W2' of the case a")]
    [InlineData("Image,Woman\na,W1,more\n", "row 2 has 3 values, and there are 2 columns")]
    [InlineData("Image,Woman,,\na,W1,,more\n", "row 2 has 4 values, and there are 2 columns")]
    [InlineData("sep=;\n", "is empty")]
    [InlineData("Image,Image\na,b\n", "two of its columns are called 'Image'")]
    [InlineData("Image,Woman\n", "has no row below")]
    [InlineData("", "is empty")]
    [InlineData("Image,Woman\na,\"W1\n", "is not a table")]
    public void A_table_that_leaves_something_open_is_refused_by_name(string table, string expected)
    {
        string message = Assert.Throws<BadFileException>(() => Read(table, "Woman")).Message;
        Assert.StartsWith(folder["info.csv"], message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_patient_is_one_however_a_letter_and_its_marks_are_written()
    {
        Assert.Equal(["B\u00e4r", "B\u00e4r", "W1"], Read("Image,Woman\na,B\u00e4r\nb,Ba\u0308r\nc,W1\n", "Woman"));
    }

    [Fact]
    public void A_table_of_this_program_has_some_texts_behind_an_apostrophe()
    {
        folder.WriteText("cases.csv", "case,unit\n'=a,'-1\n'b,'x\n-c,'-1\n");
        Assert.Equal(["-1", "'x", "-1"], CaseKey.ByColumn(folder["cases.csv"], "unit").Of(["=a", "'b", "-c"]));
    }

    [Fact]
    public void Cases_that_nobody_knows_the_patient_of_are_no_group()
    {
        Assert.Equal(["W1", "", ""], Read("Image,Woman\na,W1\nb,\nc, \n", "Woman"));
        CaseKey column = CaseKey.ByColumn(folder["info.csv"], "Woman");
        Assert.StartsWith(
            $"{folder["info.csv"]}: cases for which Woman is empty, so that their group is unknown: b, c;",
            Assert.Throws<BadFileException>(() => column.UnitsOf(["a", "b", "c"])).Message, StringComparison.Ordinal);
        Assert.Equal(["W1"], column.UnitsOf(["a"]));

        CaseKey pattern = CaseKey.ByName(new Regex("^([0-9]*)"));
        Assert.StartsWith(
            "the pattern ^([0-9]*): cases for which ^([0-9]*) is empty, so that their group is unknown: x;",
            Assert.Throws<BadFileException>(() => pattern.UnitsOf(["12_a", "x"])).Message, StringComparison.Ordinal);

        // Whoever divides and whoever resamples asks for units.
        Assert.Throws<BadFileException>(() => CaseGrouping.Of(["a", "b"], column, []));
        Assert.Equal(2, CaseGrouping.Of(["a", "b"], null, [column]).Subgroups.Count);
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 2);
        Assert.Throws<BadFileException>(() => CaseGroups.Find(DataSet.Open(folder.Path).Cases, column,
            cancellation: TestContext.Current.CancellationToken));
    }

    private IReadOnlyList<string> Read(string table, string column)
    {
        folder.WriteText("info.csv", table);
        return CaseKey.ByColumn(folder["info.csv"], column).Of(["a", "b", "c"]);
    }
}
