using CMUNeXt.Cli.Prediction;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Prediction;

public sealed class FolderWatchTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder folder = new();
    private readonly List<string> told = [];

    public FolderWatchTests()
    {
        Directory.CreateDirectory(In("a"));
        Directory.CreateDirectory(In("b"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_folder_that_is_empty_or_gone_does_not_hide_the_others()
    {
        Save("a/x.png");
        using CancellationTokenSource stop = new(Longest);
        IReadOnlyList<ImageInput> found = Watch("b", "gone", "a").Batches(stop.Token).First();
        Assert.Equal(["x.png"], found.Select(static image => image.Name));
        Assert.Equal(2, told.Count);
        Assert.Contains("holds no image", told[0], StringComparison.Ordinal);
        Assert.Contains("no such file or folder", told[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Images_whose_results_would_have_one_name_are_told_of_and_the_others_are_found()
    {
        Save("a/x.png");
        using CancellationTokenSource stop = new(Longest);
        using IEnumerator<IReadOnlyList<ImageInput>> batches = Watch("a", "b").Batches(stop.Token).GetEnumerator();
        Assert.True(batches.MoveNext());
        Assert.Equal([In("a/x.png")], batches.Current.Select(static image => image.Path));
        Save("b/x.png");
        Save("b/y.png");
        Assert.True(batches.MoveNext());
        Assert.Equal([In("b/y.png")], batches.Current.Select(static image => image.Path));
        Assert.Contains(told, line => line.Contains("would have the names of those of", StringComparison.Ordinal));

        // The clash is over, and what was done before is not done again.
        File.Move(In("b/x.png"), In("b/z.png"));
        Assert.True(batches.MoveNext());
        Assert.Equal([In("b/z.png")], batches.Current.Select(static image => image.Path));
    }

    [Fact]
    public void An_image_keeps_the_name_of_its_results_whatever_comes_beside_it_and_after_a_restart()
    {
        Save("a/x.png");
        using CancellationTokenSource stop = new(Longest);
        using (IEnumerator<IReadOnlyList<ImageInput>> batches = Watch("a").Batches(stop.Token).GetEnumerator())
        {
            Assert.True(batches.MoveNext());
            Assert.Equal([("x.png", "x")], Names(batches.Current));
            Predicted("x.png", "x");
            Save("a/x.jpg");
            Assert.True(batches.MoveNext());
            Assert.Equal([("x.jpg", "x.jpg")], Names(batches.Current));
            Predicted("x.jpg", "x.jpg");
        }

        // Two that come together both keep their endings.
        Save("a/y.bmp");
        Save("a/y.tif");
        Assert.Equal(
            [("x.jpg", "x.jpg"), ("x.png", "x"), ("y.bmp", "y.bmp"), ("y.tif", "y.tif")], Names(Watch("a").Batches(stop.Token).First()));

        // Results of an image that is gone are not another's.
        File.Delete(In("a/x.png"));
        File.Delete(In("a/x.jpg"));
        Save("a/x.tif");
        Assert.Contains(("x.tif", "x.tif"), Names(Watch("a").Batches(stop.Token).First()));

        static (string Name, string Result)[] Names(IReadOnlyList<ImageInput> images) =>
            [.. images.Select(static image => (image.Name, image.Result)).Order()];
    }

    [Fact]
    public void A_name_without_an_ending_does_not_take_the_results_of_another_image()
    {
        WatchedNames names = new(In("out"));
        ImageInput first = new(In("a/x.png"), "x.png", "x.png");
        Assert.Equal("x.png", names.Name(first)!.Result);
        Assert.Equal("x", names.Name(new ImageInput(In("a/x"), "x", "x"))!.Result);

        ImageInput alone = new(In("a/y.png"), "y.png", "y");
        Assert.Equal("y", names.Name(alone)!.Result);
        Assert.Null(names.Name(new ImageInput(In("a/y"), "y", "y")));
        Assert.Equal("y", names.Name(alone)!.Result);
    }

    [Fact]
    public void A_still_and_a_loop_of_one_stem_have_objects_of_their_own_whichever_comes_first_and_after_a_restart()
    {
        ImageInput still = new(In("a/x.dcm"), "x.dcm", "x", new DicomFrame(0, 1));
        ImageInput[] loop = [.. Enumerable.Range(1, 2).Select(n =>
            new ImageInput(In("a/x.ima"), $"x.ima_000{n}", $"x_000{n}", new DicomFrame(n - 1, 2)))];
        WatchedNames names = new(In("out"));
        Assert.Equal("x", names.Name(still)!.Result);

        // The still is gone, so that a search alone sees nothing beside the loop.
        Assert.All(loop, frame => Assert.Null(names.Name(frame)));

        Directory.CreateDirectory(In("out"));
        File.WriteAllText(In("out/x_seg.dcm"), "");
        Predicted("x.dcm", "x");
        WatchedNames later = new(In("out"));
        Assert.Equal(["x.ima_0001", "x.ima_0002"], loop.Select(frame => later.Name(frame)!.Result));
        Assert.Equal("x", later.Name(still)!.Result);

        File.Delete(In("out/x.json"));
        Predicted("x.ima_0001", "x_0001");
        WatchedNames other = new(In("out"));
        Assert.Equal("x.dcm", other.Name(still)!.Result);
        Assert.Equal(["x_0001", "x_0002"], loop.Select(frame => other.Name(frame)!.Result));
    }

    [Fact]
    public void Stopped_while_it_looks_it_ends_as_in_its_pause()
    {
        using CancellationTokenSource stop = new(Longest);
        Save("a/x.png");
        Assert.Empty(new FolderWatch(Folders(), In("out"), told.Add).Batches(stop.Token));

        IEnumerable<string> Folders()
        {
            stop.Cancel();
            yield return In("a");
        }
    }

    private void Predicted(string name, string result)
    {
        SegmentationReport report = new()
        {
            File = name, Width = 8, Height = 8, Model = "", WeightsSha256 = "", Threshold = 0.5, Area = 0, Lesions = [],
        };
        Directory.CreateDirectory(In("out"));
        File.WriteAllText(In($"out/{result}.json"), report.ToJson());
    }

    private FolderWatch Watch(params string[] folders) => new([.. folders.Select(In)], In("out"), told.Add);

    private void Save(string name) => ImageFile.SavePng(In(name), new Image(8, 8, 1, new byte[64]));

    private string In(string name) => folder.File(name);
}
