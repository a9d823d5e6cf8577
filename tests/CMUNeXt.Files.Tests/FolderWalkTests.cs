using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class FolderWalkTests : IDisposable
{
    private readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void Links_to_folders_above_and_beside_give_each_file_once()
    {
        Write("a.png");
        Write("sub/b.png");
        Write("sub/deep/c.png");
        Link("sub/up", "..");
        Link("sub/deep/root", root.Path);
        Link("self", ".");
        Link("again", "sub");
        Link("0", "sub/deep");
        Assert.Equal(["a.png", "sub/b.png", "sub/deep/c.png"], new FolderWalk(root.Path).Files(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_link_out_of_the_folder_is_followed_once()
    {
        using TemporaryFolder elsewhere = new();
        File.WriteAllText(elsewhere.File("x.png"), "");
        SymbolicLink.ToFolder(elsewhere.File("back"), root.Path);
        Write("a.png");
        Link("one", elsewhere.Path);
        Link("two", elsewhere.Path);
        Assert.Equal(["a.png", "one/x.png"], new FolderWalk(root.Path).Files(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_systems_and_tools_leave_is_left_out()
    {
        foreach (string name in (string[])["a.png", "._a.png", ".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX/a.png",
            ".ipynb_checkpoints/a-checkpoint.png", ".png"])
        {
            Write(name);
        }

        Assert.Equal([".png", "a.png"], new FolderWalk(root.Path).Files(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Depth_and_the_folder_of_the_results_bound_the_walk()
    {
        Write("a");
        Write("sub/b");
        Write("sub/deep/c");
        Assert.Equal(["a"], new FolderWalk(root.Path) { Depth = 0 }.Files(TestContext.Current.CancellationToken));
        Assert.Equal(["a", "sub/b"], new FolderWalk(root.Path) { Depth = 1 }.Files(TestContext.Current.CancellationToken));
        Assert.Equal(
            ["a", "sub/b"],
            new FolderWalk(root.Path) { Except = root.File("sub", "deep") }.Files(TestContext.Current.CancellationToken));
        Assert.Equal(
            ["a", "sub/b", "sub/deep/c"], new FolderWalk(root.Path) { Except = root.Path }.Files(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_walk_can_be_stopped() =>
        Assert.Throws<OperationCanceledException>(() => new FolderWalk(root.Path).Files(new CancellationToken(canceled: true)));

    [Fact]
    public void A_folder_that_cannot_be_read_is_told_of_and_passed_over()
    {
        Write("a");
        FolderWalk walk = new(root.File("gone"));
        Assert.Empty(walk.Files(TestContext.Current.CancellationToken));
        Assert.Contains("cannot be read", Assert.Single(walk.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_real_path_has_no_links_and_no_dots()
    {
        Write("data/images/a.png");
        Link("link", "data");
        Directory.CreateDirectory(root.File("x"));
        Link("x/y", "../data/images");
        string real = RealPath.Of(root.Path);
        Assert.Equal($"{real}/data", RealPath.Of(root.File("link")));
        Assert.Equal($"{real}/data", RealPath.Of(root.File("link/images/../")));

        // Not x: the folder above what the link leads to.
        Assert.Equal($"{real}/data", RealPath.Of(root.File("x/y/..")));
        Assert.Equal($"{real}/data/new/b", RealPath.Of(root.File("x/y/.././new/b")));
        Assert.True(RealPath.IsWithin(root.File("x/y/a.png"), root.File("link")));
        Assert.True(RealPath.IsWithin(root.Path, root.Path));
        Assert.True(RealPath.IsWithin(root.Path, Path.GetPathRoot(root.Path)!));
        Assert.True(RealPath.AreSame(root.File("x/y/.."), root.File("link/")));
        Assert.False(RealPath.AreSame(root.File("x/y"), root.File("link")));
        Assert.False(RealPath.IsWithin(root.File("data2"), root.File("data")));
        Link("circle", "circle2");
        Link("circle2", "circle");
        Assert.Throws<IOException>(() => RealPath.Of(root.File("circle")));
    }

    private void Write(string name)
    {
        string path = root.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
    }

    private void Link(string name, string target) => SymbolicLink.ToFolder(root.File(name), target);
}
