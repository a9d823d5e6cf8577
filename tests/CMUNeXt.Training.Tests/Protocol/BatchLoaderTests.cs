using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class BatchLoaderTests : IDisposable
{
    private static readonly Preprocessing Gray = new()
    {
        Width = 16, Height = 32, Order = ChannelOrder.Gray, Mean = [0], StandardDeviation = [1], Divisor = 1.0 / 255,
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(11, 4, 3)]
    [InlineData(12, 4, 3)]
    [InlineData(1, 8, 1)]
    public void Each_case_comes_once_an_epoch_and_the_last_smaller_batch_is_kept(int count, int size, int steps)
    {
        IReadOnlyList<Case> cases = WriteCases(count);
        BatchLoader loader = Loader(size);
        Batch[] batches = [.. loader.Training(loader.Order(cases), 0)];

        Assert.Equal(steps, batches.Length);
        Assert.Equal(steps, loader.Order(cases).Iterations);
        Assert.All(batches.SkipLast(1), batch => Assert.Equal(size, batch.Count));
        Assert.Equal(count - (size * (steps - 1)), batches[^1].Count);
        Assert.All(batches,
            batch => Assert.Equal(
                (32, 16, batch.Count * 512, batch.Count * 512), (batch.Height, batch.Width, batch.Input.Length, batch.Target.Length)));
        Assert.Equal(Enumerable.Range(1, count), batches.SelectMany(Numbers).Order());
    }

    [Fact]
    public void The_order_is_another_in_each_epoch_and_for_each_seed_and_the_same_again()
    {
        IReadOnlyList<Case> cases = WriteCases(20);
        int[] order = Numbers(Training(Loader(4), cases, 0));

        Assert.NotEqual(Enumerable.Range(1, 20), order);
        Assert.Equal(order, Numbers(Training(Loader(4), cases, 0)));
        Assert.NotEqual(order, Numbers(Training(Loader(4), cases, 1)));
        Assert.NotEqual(order, Numbers(Training(Loader(4, seed: 42), cases, 0)));
    }

    [Fact]
    public void The_order_does_not_depend_on_the_order_of_the_list()
    {
        IReadOnlyList<Case> cases = WriteCases(20);
        Assert.Equal(Numbers(Training(Loader(4), cases, 5)), Numbers(Training(Loader(4), [.. cases.Reverse()], 5)));
    }

    [Fact]
    public void An_epoch_that_is_continued_has_the_rest_of_its_batches()
    {
        IReadOnlyList<Case> cases = WriteCases(9);
        BatchLoader loader = Loader(2, augmentation: AugmentationKind.RotateFlip);
        Batch[] all = [.. loader.Training(loader.Order(cases), 2)];
        for (int first = 0; first <= all.Length; first++)
        {
            Batch[] rest = [.. loader.Training(loader.Order(cases), 2, first)];
            Assert.Equal(all.Length - first, rest.Length);
            for (int i = 0; i < rest.Length; i++)
            {
                Assert.Equal(all[first + i].Input, rest[i].Input);
                Assert.Equal(all[first + i].Target, rest[i].Target);
            }
        }
    }

    [Fact]
    public void Cases_of_a_rare_class_are_drawn_more_often_where_that_is_asked_for()
    {
        IReadOnlyList<Case> cases = WriteCases(8);
        Directory.CreateDirectory(folder["masks/1"]);
        foreach (Case item in cases)
        {
            Image image = ImageFile.Load(item.ImagePath);
            byte[] labels = new byte[image.Pixels.Length];
            labels[^1] = item.Name == "case 03" ? (byte)1 : (byte)0;
            ImageFile.SaveMask(
                item.MaskPaths[0].Replace("masks/0", "masks/1", StringComparison.Ordinal),
                new Mask(image.Width, image.Height, labels),
                MaskValues.ZeroOr255);
        }

        // Of eight cases one has the second class: sqrt(0.5 x 8) = 2 times an epoch.
        cases = DataSet.Open(folder.Path).Cases;
        BatchLoader loader = Loader(4, oversample: 0.5);
        EpochOrder order = loader.Order(cases);
        Assert.Equal((9, 3), (order.Images, order.Iterations));
        Assert.Equal([1, 2, 3, 3, 4, 5, 6, 7, 8], Numbers(loader.Training(order, 0)).Order());
        Assert.Equal(8, Loader(4).Order(cases).Images);
    }

    [Fact]
    public void Image_and_mask_are_augmented_alike_then_resized_and_normalized()
    {
        const int Width = 23;
        const int Height = 37;
        List<Case> cases = [];
        for (int i = 0; i < 10; i++)
        {
            byte[] pixels = new byte[Width * Height];
            new Random(i).NextBytes(pixels);
            ImageFile.SavePng(folder[$"images/{i}.png"], new Image(Width, Height, 1, pixels));
            byte[] labels = [.. pixels.Select(value => (byte)(value > 90 ? 1 : 0))];
            ImageFile.SaveMask(folder[$"masks/0/{i}.png"], new Mask(Width, Height, labels), MaskValues.ZeroOr255);
            cases.Add(new Case($"{i}", folder[$"images/{i}.png"], [folder[$"masks/0/{i}.png"]]));
        }

        Batch batch = Assert.Single(Training(Loader(10, augmentation: AugmentationKind.RotateFlip), cases, 1));
        HashSet<Augmentation> seen = [];
        float[] input = new float[512];
        int place = 0;
        foreach (Case item in Loader(10).Order(cases).Batches(1).Single())
        {
            LoadedCase loaded = LoadedCase.Load(item);
            Augmentation augmentation = Augmentation.Draw(AugmentationKind.RotateFlip, 41, 1, item.Name);
            seen.Add(augmentation);
            Gray.Apply(augmentation.Apply(loaded.Image), input);
            Assert.Equal(input, batch.Input[(512 * place)..(512 * (place + 1))]);
            Assert.Equal(augmentation.Apply(loaded.Mask).Resize(16, 32).Pixels, batch.Target[(512 * place)..(512 * (place + 1))]);
            place++;
        }

        Assert.True(seen.Count > 1);
    }

    [Fact]
    public void Validation_takes_the_cases_one_by_one_in_their_order_as_they_are()
    {
        IReadOnlyList<Case> cases = [.. WriteCases(7).Reverse()];
        Batch[] batches = [.. Loader(4, augmentation: AugmentationKind.RotateFlip).Validation(cases)];
        Assert.All(batches, batch => Assert.Equal(1, batch.Count));
        Assert.Equal([7, 6, 5, 4, 3, 2, 1], batches.SelectMany(Numbers));
    }

    [Fact]
    public void A_case_that_cannot_be_read_is_the_readers_failure_after_the_batches_before_it()
    {
        Case[] cases = [.. WriteCases(8)];
        cases[5] = cases[5] with { ImagePath = folder["images/none.png"] };
        int read = 0;
        FileNotFoundException e = Assert.Throws<FileNotFoundException>(() =>
        {
            foreach (Batch batch in Loader(4).Validation(cases))
            {
                read++;
            }
        });
        Assert.Equal(5, read);
        Assert.Contains("none.png", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_stops_reading_early_is_not_kept_waiting()
    {
        // More batches than the loader makes ahead, so that its thread is waiting for room when the reading stops.
        IReadOnlyList<Case> cases = WriteCases(30);
        Task reading = Task.Run(
            () => Assert.Equal(2, Training(Loader(1), cases, 0).Take(2).Count()), TestContext.Current.CancellationToken);
        await reading.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }

    private static IEnumerable<Batch> Training(BatchLoader loader, IReadOnlyList<Case> cases, int epoch) =>
        loader.Training(loader.Order(cases), epoch);

    private static BatchLoader Loader(
        int size, ulong seed = 41, AugmentationKind augmentation = AugmentationKind.None, double oversample = 0) =>
        new(
            new CaseCache(),
            Gray,
            new TrainingProtocol { Batch = size, Seed = seed, Augmentation = augmentation, Oversample = oversample });

    // The constant images of WriteCases come through as their gray value.
    private static int[] Numbers(IEnumerable<Batch> batches) => [.. batches.SelectMany(Numbers)];

    private static IEnumerable<int> Numbers(Batch batch) => batch.Input.Chunk(512).Select(image =>
    {
        Assert.All(image, value => Assert.Equal(image[0], value));
        return (int)Math.Round(image[0]);
    });

    // Case number i is an image of the constant gray value i.
    private IReadOnlyList<Case> WriteCases(int count)
    {
        for (int i = 1; i <= count; i++)
        {
            folder.WriteCase($"case {i:00}", (byte)i, (byte)i, (byte)i);
        }

        return DataSet.Open(folder.Path).Cases;
    }
}
