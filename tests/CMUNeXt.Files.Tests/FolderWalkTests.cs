using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class FolderWalkTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("cmunext-walk-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Links_to_folders_above_and_beside_give_each_file_once()
    {
        Write("a.png");
        Write("sub/b.png");
        Write("sub/deep/c.png");
        Link("sub/up", "..");
        Link("sub/deep/root", root);
        Link("self", ".");
        Link("again", "sub");
        Link("0", "sub/deep");
        Assert.Equal(["a.png", "sub/b.png", "sub/deep/c.png"], new FolderWalk(root).Files(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_link_out_of_the_folder_is_followed_once()
    {
        DirectoryInfo elsewhere = Directory.CreateTempSubdirectory("cmunext-else-");
        File.WriteAllText(Path.Combine(elsewhere.FullName, "x.png"), "");
        SymbolicLink.ToFolder(Path.Combine(elsewhere.FullName, "back"), root);
        Write("a.png");
        Link("one", elsewhere.FullName);
        Link("two", elsewhere.FullName);
        Assert.Equal(["a.png", "one/x.png"], new FolderWalk(root).Files(TestContext.Current.CancellationToken));
        elsewhere.Delete(recursive: true);
    }

    [Fact]
    public void What_systems_and_tools_leave_is_left_out()
    {
        foreach (string name in (string[])["a.png", "._a.png", ".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX/a.png",
            ".ipynb_checkpoints/a-checkpoint.png", ".png"])
        {
            Write(name);
        }

        Assert.Equal([".png", "a.png"], new FolderWalk(root).Files(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Depth_and_the_folder_of_the_results_bound_the_walk()
    {
        Write("a");
        Write("sub/b");
        Write("sub/deep/c");
        Assert.Equal(["a"], new FolderWalk(root) { Depth = 0 }.Files(TestContext.Current.CancellationToken));
        Assert.Equal(["a", "sub/b"], new FolderWalk(root) { Depth = 1 }.Files(TestContext.Current.CancellationToken));
        Assert.Equal(
            ["a", "sub/b"],
            new FolderWalk(root) { Except = Path.Combine(root, "sub", "deep") }.Files(TestContext.Current.CancellationToken));
        Assert.Equal(["a", "sub/b", "sub/deep/c"], new FolderWalk(root) { Except = root }.Files(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_walk_can_be_stopped() =>
        Assert.Throws<OperationCanceledException>(() => new FolderWalk(root).Files(new CancellationToken(canceled: true)));

    [Fact]
    public void A_folder_that_cannot_be_read_is_told_of_and_passed_over()
    {
        Write("a");
        FolderWalk walk = new(Path.Combine(root, "gone"));
        Assert.Empty(walk.Files(TestContext.Current.CancellationToken));
        Assert.Contains("cannot be read", Assert.Single(walk.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_path_has_no_links_and_no_dots()
    {
        Write("data/images/a.png");
        Link("link", "data");
        Directory.CreateDirectory(Path.Combine(root, "x"));
        Link("x/y", "../data/images");
        string real = RealPath.Of(root);
        Assert.Equal($"{real}/data", RealPath.Of(Path.Combine(root, "link")));
        Assert.Equal($"{real}/data", RealPath.Of(Path.Combine(root, "link/images/../")));

        // Not x: the folder above what the link leads to.
        Assert.Equal($"{real}/data", RealPath.Of(Path.Combine(root, "x/y/..")));
        Assert.Equal($"{real}/data/new/b", RealPath.Of(Path.Combine(root, "x/y/.././new/b")));
        Assert.True(RealPath.IsWithin(Path.Combine(root, "x/y/a.png"), Path.Combine(root, "link")));
        Assert.True(RealPath.IsWithin(root, root));
        Assert.True(RealPath.AreSame(Path.Combine(root, "x/y/.."), Path.Combine(root, "link/")));
        Assert.False(RealPath.AreSame(Path.Combine(root, "x/y"), Path.Combine(root, "link")));
        Assert.False(RealPath.IsWithin(Path.Combine(root, "data2"), Path.Combine(root, "data")));
        Link("circle", "circle2");
        Link("circle2", "circle");
        Assert.Throws<IOException>(() => RealPath.Of(Path.Combine(root, "circle")));
    }

    private void Write(string name)
    {
        string path = Path.Combine(root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
    }

    private void Link(string name, string target) => SymbolicLink.ToFolder(Path.Combine(root, name), target);
}
