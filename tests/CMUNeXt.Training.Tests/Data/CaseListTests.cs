using CMUNeXt.Files;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class CaseListTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Crlf_blank_lines_and_a_byte_order_mark_are_passed_over()
    {
        File.WriteAllBytes(folder["list.txt"], [0xEF, 0xBB, 0xBF, .. "malignant (84)\r\n\r\n  benign (1)\t\r\nlast"u8]);

        Assert.Equal(["malignant (84)", "benign (1)", "last"], CaseList.Read(folder["list.txt"]).Names);
    }

    [Fact]
    public void A_list_is_looked_for_as_given_and_then_under_the_data_folder()
    {
        folder.WriteText("here/list.txt", "here\n");
        folder.WriteText("data/list.txt", "data\n");

        Assert.Equal(["here"], CaseList.Read(folder["here/list.txt"], folder["data/"]).Names);
        Assert.Equal(["data"], CaseList.Read("list.txt", folder["data/"]).Names);
    }

    [Theory]
    [InlineData("a\nb\n\na\n", "the case a stands twice, in lines 1 and 4")]
    [InlineData("a\n../b\n", "line 2: the case name ../b holds a character that cannot stand in a file name")]
    [InlineData("gr\u00f6\u00dfe\ngro\u0308\u00dfe\n", "stands twice, in lines 1 and 2")]
    [InlineData("a\\b\n", "line 1: ")]
    [InlineData("/etc/passwd\n", "line 1: ")]
    [InlineData("ok\n..\n", "line 2: \"..\" cannot be the name of a case")]
    [InlineData("a\0b\n", "line 1: the case name holds a control character")]
    [InlineData("\r\n\n", "there is no case in the list")]
    [InlineData("", "there is no case in the list")]
    public void A_bad_list_is_refused_with_its_line(string text, string problem)
    {
        folder.WriteText("list.txt", text);

        BadFileException e = Assert.Throws<BadFileException>(() => CaseList.Read(folder["list.txt"]));

        Assert.Contains(problem, e.Message, StringComparison.Ordinal);
        Assert.StartsWith(folder["list.txt"], e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void A_very_long_line_is_refused_without_being_repeated()
    {
        folder.WriteText("list.txt", new string('x', 5000));

        Assert.True(Assert.Throws<BadFileException>(() => CaseList.Read(folder["list.txt"])).Message.Length < 500);
    }

    [Fact]
    public void What_is_no_text_is_refused()
    {
        File.WriteAllBytes(folder["list.txt"], [0x89, 0x50, 0xFF, 0xFE]);

        Assert.Contains(
            "not a text", Assert.Throws<BadFileException>(() => CaseList.Read(folder["list.txt"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_refused_in_one_line_and_not_waited_for()
    {
        string pipe = NamedPipe.At(folder["pipe"]);
        Task<CaseList> reading = Task.Run(() => CaseList.Read(pipe), TestContext.Current.CancellationToken);
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(
            () => reading.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        Assert.Equal($"{pipe}: this is not an ordinary file: save what comes out of it in one", e.Message);
    }

    [Fact]
    public void A_missing_list_is_named()
    {
        BadFileException e = Assert.Throws<BadFileException>(() => CaseList.Read("no such.txt", folder.Path));

        Assert.Contains(folder.Path, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("no such.txt: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        string[] names = ["benign (2)", "größe", "a.b", "benign (10)"];

        CaseList.Write(folder["list.txt"], names);

        Assert.Equal("benign (2)\ngröße\na.b\nbenign (10)\n", File.ReadAllText(folder["list.txt"]));
        Assert.Equal(names, CaseList.Read(folder["list.txt"]).Names);
    }

    [Fact]
    public void A_letter_and_its_marks_are_read_as_one()
    {
        File.WriteAllText(folder["list.txt"], "gro\u0308\u00dfe\n");
        Assert.Equal(["gr\u00f6\u00dfe"], CaseList.Read(folder["list.txt"]).Names);
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("\u00f6", "o\u0308")]
    [InlineData("a", " b")]
    [InlineData("a", "")]
    [InlineData("a", "b\nc")]
    public void Names_that_could_not_be_read_back_are_not_written(params string[] names)
    {
        Assert.Throws<ArgumentException>(() => CaseList.Write(folder["list.txt"], names));
        Assert.False(File.Exists(folder["list.txt"]));
    }

    [Fact]
    public void The_published_lists_divide_the_647_cases_of_busi()
    {
        for (int i = 1; i <= 3; i++)
        {
            CaseList train = CaseList.Read(Reference.Path("data", "busi", "splits", $"busi_train{i}.txt"));
            CaseList validation = CaseList.Read(Reference.Path("data", "busi", "splits", $"busi_val{i}.txt"));
            Assert.Equal(452, train.Names.Count);
            Assert.Equal(195, validation.Names.Count);
            Assert.Equal(647, train.Names.Union(validation.Names).Count());
        }
    }
}
