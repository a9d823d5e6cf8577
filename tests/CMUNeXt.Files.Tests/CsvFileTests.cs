using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class CsvFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("image,woman\na,\"p1\nb,p2\n", "the quotation mark in line 2 that begins a value is not closed")]
    [InlineData("sep=;\r\nimage;woman\r\n\"a\";p1\r\nb; \"p\"\"2\r\n", "the quotation mark in line 4 that begins a value is not closed")]
    public void A_quotation_mark_that_is_not_closed_is_named_by_its_line(string table, string expected) =>
        Assert.Contains(expected, Assert.Throws<BadFileException>(() => Read(table)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_value_of_more_lines_than_any_cell_is_refused_though_a_mark_closes_it() =>
        Assert.Contains(
            "begins in line 2 has more than 1000 lines",
            Assert.Throws<BadFileException>(
                () => Read("image,woman\na,\"" + string.Concat(Enumerable.Repeat("x\n", 1001)) + "\"\n")).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("image,woman\na,5\" wide\n", "5\" wide")]
    [InlineData("image,woman\na, \"p\"\"1, x\" \n", "p\"1, x")]
    [InlineData("image,woman\na,\"\"\nb,p\n", "")]
    [InlineData("image\twoman\na\t\"p\t1\"\n", "p\t1")]
    [InlineData("image,woman\n\n\"a\",\"p1\"", "p1")]
    public void Sound_quotation_marks_are_read_as_ever(string table, string expected) => Assert.Equal(expected, Read(table).Rows[0][1]);

    private CsvFile Read(string table)
    {
        File.WriteAllText(folder.File("table.csv"), table);
        return CsvFile.Read(folder.File("table.csv"));
    }
}
