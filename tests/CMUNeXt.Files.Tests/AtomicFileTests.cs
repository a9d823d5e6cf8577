using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string Target => folder.File("file.txt");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("", "an empty path")]
    [InlineData(" ", "an empty path")]
    [InlineData("a\0.txt", "a\0.txt")]
    public void A_path_that_names_no_file_is_the_callers_to_correct(string path, string named)
    {
        BadFileException e = Assert.Throws<BadFileException>(() => AtomicFile.WriteText(path, "text"));
        Assert.Equal((named, "names no file"), (e.Path, e.Problem));
    }

    [Fact]
    public void Text_is_written_as_UTF8_without_a_byte_order_mark()
    {
        AtomicFile.WriteText(Target, "Läsion\n");
        Assert.Equal([0x4c, 0xc3, 0xa4, 0x73, 0x69, 0x6f, 0x6e, 0x0a], File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void Content_that_exists_is_replaced_even_by_a_shorter_one()
    {
        AtomicFile.WriteBytes(Target, new byte[100]);
        AtomicFile.WriteBytes(Target, new byte[] { 1, 2 });
        Assert.Equal([1, 2], File.ReadAllBytes(Target));
        Assert.Equal([Target], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void While_it_is_written_the_old_content_stands_and_the_new_lies_beside_it()
    {
        AtomicFile.WriteText(Target, "old");
        AtomicFile.Write(Target, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(Target));
            Assert.True(File.Exists(Target + AtomicFile.TemporaryEnding));
        });
        Assert.Equal("new", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_second_writer_fails_and_leaves_the_first_ones_file_alone()
    {
        AtomicFile.Write(Target, stream =>
        {
            stream.Write("first"u8);
            Assert.Throws<IOException>(() => AtomicFile.WriteText(Target, "second"));
        });
        Assert.Equal("first", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_failure_half_way_leaves_the_old_content_and_nothing_else()
    {
        AtomicFile.WriteText(Target, "old");
        InvalidOperationException failure = new();
        Assert.Same(failure, Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Target, stream =>
        {
            stream.Write(new byte[100_000]);
            throw failure;
        })));
        Assert.Equal("old", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_failure_half_way_where_nothing_stood_leaves_nothing()
    {
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(Target, _ => throw new InvalidOperationException()));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Theory]
    [InlineData(0, "old")]
    [InlineData(1, "new")]
    public void Wherever_writing_together_ends_no_file_stands_beside_those_of_another_result(int written, string document)
    {
        string[] names = ["result.json", "result.csv", "result.png"];
        foreach (string name in names)
        {
            AtomicFile.WriteText(folder.File(name), "old");
        }

        Assert.Throws<InvalidOperationException>(() => AtomicFile.WriteTogether(folder.Path, names, () =>
        {
            foreach (string name in names.Take(written))
            {
                AtomicFile.WriteText(folder.File(name), "new");
            }

            throw new InvalidOperationException();
        }));
        Assert.Equal([folder.File("result.json")], Directory.GetFiles(folder.Path));
        Assert.Equal(document, File.ReadAllText(folder.File("result.json")));
    }

    [Fact]
    public void What_a_killed_program_left_behind_is_no_hindrance()
    {
        File.WriteAllText(Target + AtomicFile.TemporaryEnding, "the torn beginning of something longer");
        AtomicFile.WriteText(Target, "new");
        Assert.Equal("new", File.ReadAllText(Target));
        Assert.Equal([Target], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void A_link_where_the_new_content_would_lie_is_not_followed()
    {
        File.WriteAllText(folder.File("precious.txt"), "mine");
        SymbolicLink.ToFile(Target + AtomicFile.TemporaryEnding, folder.File("precious.txt"));
        Assert.Contains(
            "is a link", Assert.Throws<BadFileException>(() => AtomicFile.WriteText(Target, "new")).Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(folder.File("precious.txt")));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public void A_file_that_is_replaced_keeps_its_mode()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files have no mode here.");
        AtomicFile.WriteText(Target, "old");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            AtomicFile.WriteText(Target, "new");
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Target));
        }
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_an_IOException_and_a_folder_in_the_way_is_left_alone()
    {
        Assert.ThrowsAny<IOException>(() => AtomicFile.WriteText(folder.File("none", "file.txt"), "new"));
        Directory.CreateDirectory(Target);
        Assert.ThrowsAny<Exception>(() => AtomicFile.WriteText(Target, "new"));
        Assert.Equal([Target], Directory.GetFileSystemEntries(folder.Path));
        Assert.True(Directory.Exists(Target));
    }
}
