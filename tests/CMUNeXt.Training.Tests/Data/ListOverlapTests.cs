using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Data;

public sealed class ListOverlapTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void An_overlap_of_lists_names_the_cases()
    {
        folder.WriteCase("a", 1);
        folder.WriteCase("b", 2);
        folder.WriteCase("c", 3);
        folder.WriteCase("d", 1);
        folder.WriteCase("e", 4);

        ListOverlap overlap = Find(["a", "b", "c"], ["e", "d", "b"]);

        Assert.Equal(["b"], overlap.Names);
        Assert.Equal([new IdenticalPair("a", "d")], overlap.IdenticalImages);
        Assert.Equal("in both lists: b; identical images (training = validation): a = d", overlap.ToString());
        Assert.True(Find(["a", "b"], ["c", "e"]).IsEmpty);
    }

    [Fact]
    public void Near_copies_across_the_lists_are_named_and_identical_images_only_once()
    {
        DataSet data = DataSet.Open(Repository.Path("tests", "CMUNeXt.Training.Tests", "Sessions", "EarlierRun", "data"));
        foreach (Case one in data.Cases.Take(4))
        {
            Image image = ImageFile.Load(one.ImagePath);
            ImageFile.SavePng(folder[$"images/{one.Name}.png"], image);
            ImageFile.SaveMask(folder[$"masks/0/{one.Name}.png"],
                new Mask(image.Width, image.Height, new byte[image.Width * image.Height]), MaskValues.ZeroOr255);
        }

        // The same view, brighter; and the same pixels.
        string[] names = [.. data.Cases.Take(4).Select(one => one.Name)];
        Image first = ImageFile.Load(data.Cases[0].ImagePath);
        ImageFile.SavePng(folder["images/brighter.png"], new Image(
            first.Width, first.Height, first.Channels, Array.ConvertAll(first.Pixels, value => (byte)Math.Min(255, (value * 6 / 5) + 10))));
        ImageFile.SavePng(folder["images/same.png"], first);
        foreach (string name in (string[])["brighter", "same"])
        {
            File.Copy(folder[$"masks/0/{names[0]}.png"], folder[$"masks/0/{name}.png"]);
        }

        ListOverlap overlap = Find([names[0], names[1]], ["same", names[2], "brighter", names[3]]);
        Assert.Equal(["brighter"], overlap.NearCopies);
        Assert.Equal([new IdenticalPair(names[0], "same")], overlap.IdenticalImages);
        Assert.Contains("1 near copies of images that are trained on (brighter)", overlap.ToString(), StringComparison.Ordinal);
    }

    private ListOverlap Find(string[] train, string[] validation)
    {
        DataSet data = DataSet.Open(folder.Path);
        return ListOverlap.Find(
            data.Resolve(train, "train"), data.Resolve(validation, "val"), cancellation: TestContext.Current.CancellationToken);
    }
}
