namespace CMUNeXt.Files.Tests;

public sealed class PrintableTextTests
{
    [Theory]
    [InlineData("Läsion 病 \U0001f600.png", "Läsion 病 \U0001f600.png")]
    [InlineData("a\u001b[31mb", "a\\u001b[31mb")]
    [InlineData("a\r\nb", "a\\u000d\\u000ab")]
    [InlineData("a\u009b2J", "a\\u009b2J")]
    [InlineData("gnp.\u202eexe", "gnp.\\u202eexe")]
    [InlineData("a\u2028b", "a\\u2028b")]
    public void What_does_not_show_itself_is_written_out(string text, string shown) => Assert.Equal(shown, PrintableText.Of(text));

    // In an attribute it would not survive.
    [Fact]
    public void Half_a_character_is_written_out() => Assert.Equal("half \\ud83d of it", PrintableText.Of("half \ud83d of it"));

    [Fact]
    public void The_message_of_a_bad_file_is_one_line_whatever_its_name()
    {
        BadFileException e = new("a\nb\u001b[2J.png", "is\r\nno image");
        Assert.Equal("a\\u000ab\\u001b[2J.png: is\\u000d\\u000ano image", e.Message);
        Assert.Equal("a\nb\u001b[2J.png", e.Path);
    }

    [Theory]
    [InlineData("lesion", "lesion")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("say \"a\"", "\"say \"\"a\"\"\"")]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@SUM(A1,A2)", "\"'@SUM(A1,A2)\"")]
    [InlineData("\uff1d1", "'\uff1d1")]
    [InlineData("\t=1", "\\u0009=1")]
    [InlineData("a\nb", "a\\u000ab")]
    public void A_field_of_a_table_is_one_cell_of_text(string text, string field) => Assert.Equal(field, CsvField.Of(text));

    [Theory]
    [InlineData("=1")]
    [InlineData("'=1")]
    [InlineData("''-1")]
    [InlineData("'a")]
    [InlineData("a'=")]
    [InlineData("'")]
    [InlineData("")]
    public void A_field_is_read_back_as_the_text_that_it_was_made_of(string text) => Assert.Equal(text, CsvField.Read(CsvField.Of(text)));

    [Fact]
    public void A_terminal_gets_lines_and_tabs_and_nothing_else_that_acts()
    {
        using StringWriter terminal = new();
        using PrintableWriter writer = new(terminal);
        writer.WriteLine("one\t\u001b]0;title\a");
        writer.Write('\u001b');
        writer.Write(['a', '\b'], 0, 2);
        writer.WriteLine("{0}", "\u001b[2J");
        Assert.Equal(
            $"one\t\\u001b]0;title\\u0007{Environment.NewLine}\\u001ba\\u0008\\u001b[2J{Environment.NewLine}", terminal.ToString());
    }

    [Fact]
    public void A_stream_that_only_reports_may_be_full()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "There is no device here that is always full.");
        using StreamWriter full = new(new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            AutoFlush = true,
        };
        Assert.Throws<IOException>(() => full.WriteLine("a line"));
        using TolerantWriter writer = new(full);
        writer.WriteLine("a line");
        writer.Write('x');
        writer.Flush();
    }
}
