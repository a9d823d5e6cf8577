using CMUNeXt.Cli.Verbs;

namespace CMUNeXt.Cli.Tests.Verbs;

public sealed class OptionHintsTests
{
    [Theory]
    [InlineData("--lr", "--learning-rate")]
    [InlineData("--batch_size", "--batch")]
    [InlineData("--epoch", "--epochs")]
    [InlineData("--optimizr=adamw", "--optimizer")]
    [InlineData("--ouptut", "--output")]
    [InlineData("--weigths", "--weights")]
    public void An_option_that_is_nearly_one_is_named(string typed, string meant) =>
        Assert.Equal($"Did you mean {meant}?", Assert.Single(OptionHints.Of(CommandLine.Parse(["train", "--output", "x", typed, "1"]))));

    [Theory]
    [InlineData("--bogus")]
    [InlineData("--quantum")]
    public void One_that_resembles_nothing_is_not(string typed) =>
        Assert.Empty(OptionHints.Of(CommandLine.Parse(["train", "--output", "x", typed])));

    [Theory]
    [InlineData("", "abc", 3)]
    [InlineData("kitten", "sitting", 3)]
    [InlineData("--seed", "--seed", 0)]
    public void The_distance_is_the_number_of_changes(string first, string second, int expected)
    {
        Assert.Equal(expected, OptionHints.Distance(first, second));
        Assert.Equal(expected, OptionHints.Distance(second, first));
    }
}
