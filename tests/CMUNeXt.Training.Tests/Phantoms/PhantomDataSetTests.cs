using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Training.Tests.Phantoms;

public sealed class PhantomDataSetTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_prepared_layout_is_written()
    {
        Told told = new();
        PhantomDataSet.Write(folder.Path, 4, 41, told, TestContext.Current.CancellationToken);
        string[] names = [.. Enumerable.Range(1, 4).Select(i => $"phantom_{i:D4}")];
        Assert.Equal(names, Directory.GetFiles(folder.File("images")).Select(Path.GetFileNameWithoutExtension).Order());
        Assert.Equal(names, Directory.GetFiles(folder.File("masks", "0")).Select(Path.GetFileNameWithoutExtension).Order());
        Assert.Equal(Enumerable.Range(1, 4), told.Values);

        string[] train = File.ReadAllLines(folder.File("train.txt"));
        string[] val = File.ReadAllLines(folder.File("val.txt"));
        Assert.Equal((3, 1), (train.Length, val.Length));
        Assert.Equal(names, train.Concat(val).Order());

        (Image image, Mask mask) = PhantomGenerator.Create(41, 1);
        Assert.Equal(image.Pixels, ImageFile.Load(folder.File("images", "phantom_0002.png")).Pixels);
        string maskFile = folder.File("masks", "0", "phantom_0002.png");
        Assert.Equal(mask.Pixels, ImageFile.LoadMask(maskFile, MaskValues.ZeroOr255).Pixels);
        Assert.Equal(mask.Pixels.Select(v => (byte)(v * 255)), ImageFile.Load(maskFile).Pixels);
    }

    [Fact]
    public void What_an_earlier_call_wrote_is_replaced_all_of_it_and_files_of_others_stay()
    {
        PhantomDataSet.Write(folder.Path, 5, 41, cancellationToken: TestContext.Current.CancellationToken);
        File.WriteAllText(folder.File("images", "mine.txt"), "");
        PhantomDataSet.Write(folder.Path, 3, 42, cancellationToken: TestContext.Current.CancellationToken);
        string[] names = ["mine", .. Enumerable.Range(1, 3).Select(i => $"phantom_{i:D4}")];
        Assert.Equal(names, Directory.GetFiles(folder.File("images")).Select(Path.GetFileNameWithoutExtension).Order());
        Assert.Equal(names[1..], Directory.GetFiles(folder.File("masks", "0")).Select(Path.GetFileNameWithoutExtension).Order());
        Assert.Equal(names[1..], File.ReadAllLines(folder.File("all.txt")));

        // As they were written, so that a third call knows them for its own.
        PhantomDataSet.Write(folder.Path, 4, 43, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("images/real.png")]
    [InlineData("images/real.jpg")]
    [InlineData("masks/0/real.png")]
    [InlineData("masks/1/phantom_0001.png")]
    public void No_phantom_comes_into_another_data_set(string file)
    {
        PhantomDataSet.Write(folder.Path, 3, 41, cancellationToken: TestContext.Current.CancellationToken);
        string train = File.ReadAllText(folder.File("train.txt"));
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(file))!);
        File.WriteAllText(folder.File(file), "");
        BadFileException e = Assert.Throws<BadFileException>(
            () => PhantomDataSet.Write(folder.Path, 8, 42, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal($"{folder.Path}: it holds another data set ({file} is no phantom); choose another folder", e.Message);
        Assert.False(File.Exists(folder.File("images", "phantom_0004.png")));
        Assert.Equal(train, File.ReadAllText(folder.File("train.txt")));
    }

    [Fact]
    public void The_split_is_drawn_with_the_seed()
    {
        int[] drawn = new int[20];
        for (ulong seed = 0; seed < 400; seed++)
        {
            (int[] training, int[] validation) = PhantomDataSet.Split(20, seed);
            Assert.Equal(14, training.Length);
            Assert.Equal(Enumerable.Range(0, 20), training.Concat(validation).Order());
            foreach (int i in validation)
            {
                drawn[i]++;
            }
        }

        // 400 x 0.3, give or take four standard deviations.
        Assert.All(drawn, count => Assert.InRange(count, 120 - 37, 120 + 37));
    }

    [Fact]
    public void It_stops_when_asked()
    {
        using CancellationTokenSource source = new();
        Told told = new(source);
        Assert.Throws<OperationCanceledException>(() => PhantomDataSet.Write(folder.Path, 5, 1, told, source.Token));
        Assert.Single(Directory.GetFiles(folder.File("images")));
        Assert.False(File.Exists(folder.File("train.txt")));
    }

    [Fact]
    public void Stopped_it_leaves_none_of_an_earlier_call()
    {
        PhantomDataSet.Write(folder.Path, 5, 2, cancellationToken: TestContext.Current.CancellationToken);
        using CancellationTokenSource source = new();
        Told told = new(source);
        Assert.Throws<OperationCanceledException>(() => PhantomDataSet.Write(folder.Path, 5, 1, told, source.Token));
        Assert.Equal("phantom_0001.png", Path.GetFileName(Assert.Single(Directory.GetFiles(folder.File("images")))));
        Assert.Single(Directory.GetFiles(folder.File("masks", "0")));
        Assert.False(File.Exists(folder.File("train.txt")));

        // Whatever it wrote it may replace.
        PhantomDataSet.Write(folder.Path, 5, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(5, File.ReadAllLines(folder.File("all.txt")).Length);
    }

    [Fact]
    public void A_count_below_1_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            () => PhantomDataSet.Write(folder.Path, 0, 1, cancellationToken: TestContext.Current.CancellationToken));
    }

    private sealed class Told(CancellationTokenSource? stop = null) : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value)
        {
            Values.Add(value);
            stop?.Cancel();
        }
    }
}
