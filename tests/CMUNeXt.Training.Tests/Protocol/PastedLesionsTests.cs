using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class PastedLesionsTests : IDisposable
{
    private const int Side = 64;
    private const int Healthy = 40;
    private static readonly Preprocessing Small = new() { Width = Side, Height = Side, Order = ChannelOrder.Mean };

    private readonly TemporaryFolder folder = new();
    private readonly IReadOnlyList<Case> cases;

    public PastedLesionsTests() => cases = [.. Enumerable.Range(0, Healthy + 3).Select(i => Write($"case {i:00}", lesion: i >= Healthy))];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 1)]
    [InlineData(0.5, 0.2, 0.8)]
    public void The_share_of_healthy_images_with_a_lesion_is_the_one_that_is_asked_for(double probability, double least, double most)
    {
        byte[][] masks = Masks(probability, epoch: 0);
        Assert.Equal(3, masks.Count(mask => mask.Contains((byte)1)) - Pasted(masks));
        Assert.InRange(Pasted(masks) / (double)Healthy, least, most);
    }

    [Fact]
    public void Which_image_gets_a_lesion_and_where_is_another_in_each_epoch_and_the_same_again()
    {
        byte[][] first = Masks(0.5, epoch: 0);
        Assert.Equal(first, Masks(0.5, epoch: 0));
        Assert.NotEqual(first, Masks(0.5, epoch: 1));
        Assert.NotEqual(first, Masks(0.5, epoch: 0, seed: 42));

        // A run that goes on within the epoch finds the same.
        BatchLoader loader = Loader(0.5, 41);
        Batch[] all = [.. loader.Training(loader.Order(cases), 1)];
        Batch[] rest = [.. Loader(0.5, 41).Training(loader.Order(cases), 1, 2)];
        Assert.Equal(all.Skip(2).SelectMany(batch => batch.Input), rest.SelectMany(batch => batch.Input));
    }

    [Fact]
    public void Without_a_lesion_in_the_list_healthy_images_stay_as_they_are()
    {
        BatchLoader loader = Loader(1, 41);
        Case[] healthy = [.. cases.Take(Healthy)];
        Assert.All(loader.Training(loader.Order(healthy), 0), batch => Assert.DoesNotContain((byte)1, batch.Target));
    }

    [Fact]
    public void Validation_sees_the_images_as_they_are() =>
        Assert.Equal(3, Loader(1, 41).Validation(cases).Count(batch => batch.Target.Contains((byte)1)));

    [Fact]
    public void A_mask_of_another_size_is_a_bad_file_here_too()
    {
        ImageFile.SaveMask(cases[0].MaskPaths[0], new Mask(2, 2, [0, 0, 0, 1]), MaskValues.ZeroOr255);
        Assert.Throws<BadFileException>(() => Loader(1, 41).Order(cases));
    }

    [Fact]
    public void A_lesion_of_a_larger_image_keeps_its_share_by_a_factor_and_is_flipped_as_often_as_not()
    {
        CaseCache cache = new();
        Case[] list = [.. cases.Take(Healthy), Write("large", lesion: true, 2 * Side)];
        PastedLesions pasted = new(1, 41, cache, list);
        Mask donor = cache.Load(list[^1]).Mask;
        List<double> factors = [];
        int flipped = 0;
        foreach (Case healthy in list.Take(Healthy))
        {
            LoadedCase loaded = cache.Load(healthy);
            Mask mask = pasted.Apply(healthy.Name, loaded.Image, loaded.Mask, 0).Mask;
            int[] columns = [.. Enumerable.Range(0, mask.Pixels.Length).Where(i => mask.Pixels[i] == 1).Select(static i => i % Side)];
            factors.Add(Math.Sqrt((double)columns.Length / mask.Pixels.Length * donor.Pixels.Length / donor.Area()));

            // Most of the donor's lesion is on its left.
            flipped += columns.Average() > (columns.Min() + columns.Max()) / 2.0 ? 1 : 0;
        }

        // From 0.7 to 1.4, each ratio as likely as another, so that they are 1.01 on average; a lesion of ten columns comes in whole ones.
        Assert.InRange(factors.Min(), 0.6, 0.8);
        Assert.InRange(factors.Max(), 1.25, 1.5);
        Assert.InRange(factors.Average(), 0.9, 1.1);
        Assert.InRange(flipped, Healthy / 4, 3 * Healthy / 4);
    }

    private static int Pasted(byte[][] masks) => masks.Where((mask, i) => i < Healthy && mask.Contains((byte)1)).Count();

    // In the order of the cases.
    private byte[][] Masks(double probability, int epoch, ulong seed = 41)
    {
        BatchLoader loader = Loader(probability, seed);
        EpochOrder order = loader.Order(cases);
        string[] names = [.. order.Batches(epoch).SelectMany(batch => batch).Select(single => single.Name)];
        byte[][] masks = [.. loader.Training(order, epoch).SelectMany(batch => batch.Target.Chunk(Side * Side))];
        Array.Sort(names, masks, StringComparer.Ordinal);
        return masks;
    }

    private static BatchLoader Loader(double probability, ulong seed) => new(
        new CaseCache(), Small,
        new TrainingProtocol
        {
            Batch = 8,
            Seed = seed,
            Augmentation = AugmentationKind.Ultrasound,
            Ultrasound = new UltrasoundAugmentation { Scale = new(1, 1), Shift = 0, Rotation = 0, PastedLesions = probability },
        });

    // The left half of a lesion is twice as high as its right half.
    private Case Write(string name, bool lesion, int side = Side)
    {
        byte[] pixels = new byte[side * side];
        byte[] labels = new byte[side * side];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int x, int y) = (i % side * Side / side, i / side * Side / side);
            bool inside = lesion && x is >= 20 and < 34 && y >= 24 && y < (x < 27 ? 36 : 30);
            (pixels[i], labels[i]) = inside ? ((byte)50, (byte)1) : ((byte)120, (byte)0);
        }

        (string image, string mask) = (folder[$"images/{name}.png"], folder[$"masks/0/{name}.png"]);
        ImageFile.SavePng(image, new Image(side, side, 1, pixels));
        ImageFile.SaveMask(mask, new Mask(side, side, labels), MaskValues.ZeroOr255);
        return new Case(name, image, [mask]);
    }
}
