using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class OwnFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_claimed_may_be_replaced_and_nothing_else()
    {
        string[] names = ["a.json", "sub/b.png", "a\nb %0A%25.txt"];
        OwnFiles.In(folder.Path).Claim(names);
        foreach (string name in (string[])[.. names, "mine.json"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(In(name))!);
            File.WriteAllText(In(name), "content");
        }

        OwnFiles again = OwnFiles.In(folder.Path);
        Assert.Equal(names.Order(), again.Names.Order());
        again.Claim(names);
        Assert.Contains(
            "not a file that this program wrote", Assert.Throws<BadFileException>(() => again.Claim("mine.json")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_is_never_replaced_not_even_one_that_leads_nowhere()
    {
        OwnFiles own = OwnFiles.In(folder.Path);
        own.Claim("a.png");
        SymbolicLink.ToFile(In("a.png"), "nowhere");
        Assert.Contains("is a link", Assert.Throws<BadFileException>(() => own.Claim("a.png")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_removed_is_no_longer_on_the_list()
    {
        OwnFiles own = OwnFiles.In(folder.Path);
        own.Claim("a", "b");
        File.WriteAllText(In("a"), "");
        File.WriteAllText(In("mine"), "");
        own.Remove(["a", "mine"]);
        Assert.Equal((false, true), (File.Exists(In("a")), File.Exists(In("mine"))));
        Assert.Equal(["b"], OwnFiles.In(folder.Path).Names);
    }

    [Fact]
    public void A_name_that_no_file_system_takes_is_refused_with_its_length() =>
        Assert.Contains(
            "258 bytes", Assert.Throws<BadFileException>(() => OwnFiles.In(folder.Path).Claim(new string('\u75c5', 86))).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData(250)]
    [InlineData(255)]
    public void A_file_may_have_the_longest_name_that_there_is(int length)
    {
        string path = In(new string('a', length));
        AtomicFile.WriteText(path, "one");
        AtomicFile.WriteText(path, "two");
        Assert.Equal("two", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void What_a_link_leads_to_is_written_and_the_link_stays()
    {
        Directory.CreateDirectory(In("elsewhere"));
        File.WriteAllText(In("elsewhere/target"), "old");
        SymbolicLink.ToFile(In("link"), "elsewhere/target");
        AtomicFile.WriteText(In("link"), "new");
        Assert.Equal("new", File.ReadAllText(In("elsewhere/target")));
        Assert.Equal(
            Path.Combine("elsewhere", "target"),
            File.ResolveLinkTarget(In("link"), returnFinalTarget: false) is { } target
                ? Path.GetRelativePath(folder.Path, target.FullName)
                : null);
    }

    private string In(string name) => folder.File(name);
}
