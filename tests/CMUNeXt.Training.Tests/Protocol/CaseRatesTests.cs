using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class CaseRatesTests
{
    [Fact]
    public void Lists_have_their_shares_of_an_epoch_and_every_case_comes_at_least_once()
    {
        // 60 cases shall be a quarter, 20 three quarters: each of the 20 nine times.
        Case[] cases = Cases(80);
        double[] rates = CaseRates.Of(
            cases, [new ListShare(60, 1), new ListShare(20, 3)], 0, static _ => throw new InvalidOperationException());
        Assert.Equal([.. Enumerable.Repeat(1.0, 60), .. Enumerable.Repeat(9.0, 20)], rates);
        Case[] drawn = Drawn(cases, rates, 0);
        Assert.Equal(240, drawn.Length);
        Assert.Equal(180, drawn.Count(one => cases[60..].Any(other => other.ImagePath == one.ImagePath)));
        Assert.Equal(80, drawn.Select(static one => one.ImagePath).Distinct().Count());
        Assert.Equal(240, drawn.Select(static one => one.Name).Distinct().Count());
    }

    // The rule as published: a class in f of the images has the factor sqrt(t / f), at least 1, and an image the largest of its classes'.
    [Fact]
    public void Cases_of_a_rare_class_are_drawn_by_the_root_of_how_rare_it_is()
    {
        byte[][] classes = [[1], [1], [1], [1, 2], [], [], [], [1]];
        Case[] cases = Cases(classes.Length);
        double[] rates = CaseRates.Of(cases, null, 0.5, one => classes[Array.IndexOf(cases, one)]);
        Assert.Equal([1, 1, 1, Math.Sqrt(0.5 / 0.125), 1, 1, 1, 1], rates);
    }

    [Fact]
    public void Parts_of_a_time_take_turns_over_the_epochs_and_all_epochs_are_as_long()
    {
        Case[] cases = Cases(10);
        double[] rates = [.. Enumerable.Repeat(1.3, 10)];
        Case[][] epochs = [.. Enumerable.Range(0, 40).Select(epoch => Drawn(cases, rates, epoch))];
        Assert.All(epochs, static epoch => Assert.Equal(13, epoch.Length));
        Assert.All(epochs, static epoch => Assert.Equal(10, epoch.Select(static one => one.ImagePath).Distinct().Count()));

        // 120 further places among ten cases.
        Assert.All(cases, one => Assert.InRange(epochs.Sum(epoch => epoch.Count(other => other.ImagePath == one.ImagePath)) - 40, 4, 20));
        Assert.Equal(Drawn(cases, rates, 7).Select(static one => one.Name), epochs[7].Select(static one => one.Name));
    }

    [Fact]
    public void Cases_that_are_drawn_once_keep_the_order_that_they_have_without_rates()
    {
        Case[] cases = Cases(9);
        EpochOrder plain = new(new TrainingProtocol { Batch = 4 }, cases, static _ => false);
        Assert.Equal(plain.Batches(3).SelectMany(static one => one), Drawn(cases, [.. Enumerable.Repeat(1.0, 9)], 3));
    }

    private static Case[] Cases(int count) => [.. Enumerable.Range(0, count).Select(static i => new Case($"case {i}", $"{i}.png", []))];

    private static Case[] Drawn(Case[] cases, double[] rates, int epoch) =>
    [
        .. new EpochOrder(new TrainingProtocol { Batch = 4 }, cases, static _ => false, rates).Batches(epoch)
            .SelectMany(static one => one),
    ];
}
