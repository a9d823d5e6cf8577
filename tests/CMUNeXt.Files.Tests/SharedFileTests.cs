using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class SharedFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Journal => folder.File("journal.txt");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_has_been_added_by_now_is_read_while_it_is_open()
    {
        Assert.Null(SharedFile.ReadText(Journal));
        using StreamWriter writer = SharedFile.OpenAppend(Journal);
        writer.Write("Läsion\n");
        Assert.Equal("Läsion\n", SharedFile.ReadText(Journal));
        writer.Write("2\n");
        Assert.Equal("Läsion\n2\n", SharedFile.ReadText(Journal));
    }

    [Fact]
    public void A_pipe_in_its_place_is_told_instead_of_waited_for()
    {
        NamedPipe.At(Journal);
        foreach (Action use in new Action[] { () => SharedFile.ReadText(Journal), () => SharedFile.OpenAppend(Journal).Dispose() })
        {
            Assert.Contains("not an ordinary file", Assert.Throws<BadFileException>(use).Message, StringComparison.Ordinal);
        }
    }
}
