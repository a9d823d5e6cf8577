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

    [Fact]
    public void A_list_from_somebody_else_names_nothing_outside_the_folder()
    {
        string outside = folder["outside.csv"];
        File.WriteAllText(outside, "mine");
        File.WriteAllText(folder["out/" + OwnFiles.ListName], $"../outside.csv\nsub/../../outside.csv\n{outside}\na..b\n");
        OwnFiles own = OwnFiles.In(In("out"));
        Assert.Equal(["a..b"], own.Names);
        own.Remove(["../outside.csv", "sub/../../outside.csv", outside]);
        Assert.True(File.Exists(outside));
    }

    [Fact]
    public void A_link_among_the_subfolders_leads_neither_writing_nor_removing_out()
    {
        File.WriteAllText(folder["elsewhere/a.png"], "mine");
        File.WriteAllText(folder["out/" + OwnFiles.ListName], "sub/a.png\n");
        SymbolicLink.ToFolder(In("out/sub"), In("elsewhere"));
        OwnFiles own = OwnFiles.In(In("out"));
        foreach (string name in (string[])["sub/a.png", "sub/new.png"])
        {
            Assert.Contains(
                "leads out of the folder", Assert.Throws<BadFileException>(() => own.Claim(name)).Message, StringComparison.Ordinal);
        }

        own.Remove(["sub/a.png"]);
        Assert.True(File.Exists(In("elsewhere/a.png")));
    }

    [Fact]
    public void A_list_that_is_a_link_is_neither_read_nor_written()
    {
        OwnFiles own = OwnFiles.In(folder.Path);
        File.WriteAllText(In("theirs"), "theirs\n");
        SymbolicLink.ToFile(In(OwnFiles.ListName), In("theirs"));
        Assert.All(
            (Action[])[() => OwnFiles.In(folder.Path), () => own.Claim("a"), own.JoinLists],
            act => Assert.Contains("is a link", Assert.Throws<BadFileException>(act).Message, StringComparison.Ordinal));
        Assert.Equal("theirs\n", File.ReadAllText(In("theirs")));
    }

    [Fact]
    public async Task A_list_that_is_a_pipe_is_refused_and_not_waited_for()
    {
        NamedPipe.At(In(OwnFiles.ListName));
        Task reading = Task.Run(() => OwnFiles.In(folder.Path), TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<BadFileException>(
            () => reading.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_list_beyond_the_limit_is_refused_when_read_and_when_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Zeros take 64 MiB of the disk there.");
        OwnFiles own = OwnFiles.In(folder.Path);
        using (FileStream stream = File.Create(In(OwnFiles.ListName)))
        {
            stream.SetLength(64 << 20);
        }

        Assert.Contains(
            "at most 67108864", Assert.Throws<BadFileException>(() => own.Claim("a")).Message, StringComparison.Ordinal);
        File.AppendAllText(In(OwnFiles.ListName), "a\n");
        Assert.Contains(
            "at most 67108864", Assert.Throws<BadFileException>(() => OwnFiles.In(folder.Path)).Message, StringComparison.Ordinal);
    }

    private string In(string name) => folder.File(name);
}
