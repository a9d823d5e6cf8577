using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class EpochOrderTests
{
    [Theory]
    [InlineData(8, 1.0 / 8, 70, 30)]
    [InlineData(8, 1.0 / 3, 70, 5)]
    [InlineData(4, 0.1, 33, 7)]
    public void The_stated_share_of_places_is_healthy_and_each_lesion_comes_once_an_epoch(int batch, double share, int lesions, int healthy)
    {
        EpochOrder order = Order(batch, share, lesions, healthy);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            Case[][] batches = [.. order.Batches(epoch)];
            Assert.Equal(order.Iterations, batches.Length);
            Assert.Equal(order.Images, batches.Sum(cases => cases.Length));
            Assert.All(batches.SkipLast(1), cases => Assert.Equal(batch, cases.Length));
            Assert.Equal(lesions, batches.SelectMany(cases => cases).Where(single => !IsHealthy(single)).Distinct().Count());
            Assert.Equal(lesions, batches.SelectMany(cases => cases).Count(single => !IsHealthy(single)));

            // What comes twice has another name, and so is augmented otherwise.
            Case[] healthyOnes = [.. batches.SelectMany(cases => cases).Where(IsHealthy)];
            Assert.Equal(healthyOnes.Length, healthyOnes.Select(single => single.Name).Distinct().Count());
            Assert.True(
                healthyOnes.Length < 2 * healthy || healthyOnes.Select(single => single.ImagePath).Distinct().Count() == healthy);
            int places = batches.SkipLast(1).Sum(cases => cases.Count(IsHealthy));
            Assert.InRange(places, (share * batch * (batches.Length - 1)) - 1, share * batch * (batches.Length - 1));
        }
    }

    [Fact]
    public void Healthy_images_take_turns_over_the_epochs()
    {
        EpochOrder order = Order(8, 1.0 / 8, 21, 10);
        Case[] healthy = [.. Enumerable.Range(0, 10).SelectMany(order.Batches).SelectMany(cases => cases).Where(IsHealthy)];
        Assert.Equal(30, healthy.Length);
        for (int round = 0; round < 3; round++)
        {
            Assert.Equal(10, healthy.Skip(10 * round).Take(10).Distinct().Count());
        }

        Assert.NotEqual(healthy[..10], healthy[10..20]);
    }

    [Fact]
    public void The_order_is_a_function_of_seed_epoch_and_names()
    {
        static string Text(EpochOrder order, int epoch) =>
            string.Join('|', order.Batches(epoch).Select(cases => string.Join(',', cases.Select(single => single.Name))));
        string first = Text(Order(8, 0.25, 40, 9), 2);
        Assert.Equal(first, Text(Order(8, 0.25, 40, 9), 2));
        Assert.NotEqual(first, Text(Order(8, 0.25, 40, 9), 3));
        Assert.NotEqual(first, Text(Order(8, 0.25, 40, 9, seed: 1), 2));
    }

    [Fact]
    public void Without_a_share_every_case_comes_once_whatever_it_shows()
    {
        EpochOrder order = Order(8, 0, 10, 9);
        Assert.Equal(3, order.Iterations);
        Assert.Equal(19, order.Batches(0).SelectMany(cases => cases).Distinct().Count());
    }

    [Theory]
    [InlineData(10, 0)]
    [InlineData(0, 10)]
    public void A_share_needs_healthy_images_and_others(int lesions, int healthy) =>
        Assert.Throws<InvalidDataException>(() => Order(8, 0.125, lesions, healthy));

    [Fact]
    public void Of_a_last_batch_of_few_cases_at_most_a_third_are_healthy()
    {
        Assert.Equal([8, 1], Order(8, 1.0 / 3, 7, 5).BatchSizes);
        Assert.All(Enumerable.Range(7, 50), lesions =>
        {
            Case[] last = Order(8, 1.0 / 3, lesions, 5).Batches(0).Last();
            Assert.True(last.Length == 8 || 3 * last.Count(IsHealthy) <= last.Length, $"{lesions}: {last.Count(IsHealthy)}");
        });
    }

    [Theory]
    [InlineData(4, 0.08, 11, 6)]
    [InlineData(2, 0.3, 1, 1)]
    [InlineData(8, 1.0 / 3, 1, 5)]
    public void A_share_that_leaves_a_healthy_image_no_place_in_an_epoch_is_told_of(int batch, double share, int lesions, int healthy)
    {
        Assert.Contains(
            "an epoch has no place for one", Order(batch, share, lesions, healthy).FindMissingPlace(), StringComparison.Ordinal);
        Assert.Null(Order(8, 1.0 / 8, 21, 10).FindMissingPlace());
    }

    private static bool IsHealthy(Case single) => single.Name.StartsWith("normal", StringComparison.Ordinal);

    private static EpochOrder Order(int batch, double share, int lesions, int healthy, ulong seed = 41)
    {
        IEnumerable<string> names = [.. Enumerable.Range(0, lesions).Select(i => $"lesion {i}"),
            .. Enumerable.Range(0, healthy).Select(i => $"normal {i}")];
        return new EpochOrder(
            new TrainingProtocol { Batch = batch, HealthyShare = share, Seed = seed }, [.. names.Select(name => new Case(name, name, []))],
            IsHealthy);
    }
}
