using System.CommandLine;
using CMUNeXt.Cli.Parsing;

namespace CMUNeXt.Cli.Tests.Parsing;

[Collection(nameof(Console))]
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
    [InlineData("predcit", "There is no verb predcit. Did you mean predict?")]
    [InlineData("evalute", "There is no verb evalute. Did you mean evaluate?")]
    [InlineData("quantum", "There is no verb quantum. There are ")]
    public void A_verb_that_is_none_is_named_with_what_was_meant(string typed, string said) =>
        Assert.StartsWith(said, OptionHints.UnknownVerb(CommandLine.Parse([typed, "images"])), StringComparison.Ordinal);

    [Fact]
    public void What_stands_behind_a_verb_is_none()
    {
        Assert.Null(OptionHints.UnknownVerb(CommandLine.Parse(["predict", "images"])));
        Assert.Null(OptionHints.UnknownVerb(CommandLine.Parse(["--bogus"])));
        ParseResult below = CommandLine.Parse(["prepare", "pairz", "--images", "x"]);
        Assert.Equal("There is no verb pairz. Did you mean pairs?", OptionHints.UnknownVerb(below));
    }

    [Theory]
    [InlineData("predict")]
    [InlineData("compare")]
    public async Task One_that_a_verb_of_files_does_not_have_is_no_file(string verb)
    {
        string[] arguments = [verb, "first", "--ouptut", "x", "second"];
        Assert.Equal(["--ouptut"], OptionHints.TakenForFiles(CommandLine.Parse(arguments)));
        Assert.Equal(["Did you mean --output?"], OptionHints.Of(CommandLine.Parse(arguments)));
        Assert.Equal(ExitStatus.Usage, await Invocation.Run(arguments, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_file_may_begin_as_an_option_where_it_is_there_or_stands_behind_two_dashes()
    {
        string file = "-z" + Path.GetRandomFileName();
        Assert.Equal([file], OptionHints.TakenForFiles(CommandLine.Parse(["predict", file])));
        Assert.Empty(OptionHints.TakenForFiles(CommandLine.Parse(["predict", "--", file])));
        File.WriteAllText(file, "");
        Assert.Empty(OptionHints.TakenForFiles(CommandLine.Parse(["predict", file])));
        File.Delete(file);
    }

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
