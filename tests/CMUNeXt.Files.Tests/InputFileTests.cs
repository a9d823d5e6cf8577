using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class InputFileTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_ordinary_file_is_read_whole_also_through_a_link()
    {
        string path = folder.File("file");
        File.WriteAllBytes(path, [1, 2, 3]);
        SymbolicLink.ToFile(path + "-link", path);
        Assert.Equal([1, 2, 3], InputFile.ReadAllBytes(path, static length => Assert.Equal(3, length)));
        Assert.Equal([1, 2, 3], InputFile.ReadAllBytes(path + "-link", static _ => { }));
        Assert.Throws<FileNotFoundException>(() => InputFile.ReadAllBytes(path + "-gone", static _ => { }));
        Assert.Throws<BadFileException>(() => InputFile.ReadAllBytes(folder.Path, static _ => { }));
    }

    [Theory]
    [InlineData("", "an empty path: names no file")]
    [InlineData(" ", "an empty path: names no file")]
    [InlineData("a\0b", "a\\u0000b: names no file")]
    public void A_path_that_can_name_no_file_is_refused_as_a_file_is(string path, string message) =>
        Assert.Equal(message, Assert.Throws<BadFileException>(() => InputFile.ReadAllBytes(path, static _ => { })).Message);

    [Fact]
    public void A_file_longer_than_any_array_is_refused_even_where_its_length_is_welcome()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Zeros take 2 GiB of the disk there.");
        string path = folder.File("file");
        using (FileStream stream = File.Create(path))
        {
            stream.SetLength(Array.MaxLength + 1L);
        }

        BadFileException e = Assert.Throws<BadFileException>(() => InputFile.ReadAllBytes(path, static _ => { }));
        Assert.Equal(path, e.Path);
        Assert.Contains("more than the 2147483591 that are read at once", e.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_or_an_array_that_is_missing_is_said_to_be()
    {
        string gone = folder.File("gone");
        foreach (Func<object> read in (Func<object>[])[() => CsvFile.Read(gone), () => NpyFile.ReadSingles(gone)])
        {
            Assert.Equal($"{gone}: there is no such file", Assert.Throws<FileNotFoundException>(read).Message);
        }
    }

    [Fact]
    public async Task A_pipe_that_nobody_writes_into_is_refused_and_not_waited_for()
    {
        string path = NamedPipe.At(folder.File("pipe"));
        Task<byte[]> reading = Task.Run(() => InputFile.ReadAllBytes(path, static _ => { }), TestContext.Current.CancellationToken);
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(
            () => reading.WaitAsync(Longest, TestContext.Current.CancellationToken));
        Assert.Contains("not an ordinary file", e.Problem, StringComparison.Ordinal);
    }
}
