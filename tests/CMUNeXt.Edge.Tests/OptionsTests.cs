namespace CMUNeXt.Edge.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Everything_has_a_default_but_the_images()
    {
        Options options = Options.Parse(["a.png", "b.jpg"]);
        Assert.Equal(["a.png", "b.jpg"], options.Images);
        Assert.Equal((".", null, null, null), (options.Output, options.Weights, options.Threshold, options.Threads));
        Assert.False(options.All);
        Assert.False(options.Overwrite);
        Assert.False(options.HelpWanted);
    }

    [Fact]
    public void Options_stand_anywhere_and_take_their_value_either_way()
    {
        Options options = Options.Parse(
            ["--output", "o", "a.png", "--threshold=0.25", "--weights", "w.pth", "--threads=3", "--overwrite", "--all", "--", "--odd.png"]);
        Assert.Equal(["a.png", "--odd.png"], options.Images);
        Assert.Equal(("o", "w.pth", 0.25, 3), (options.Output, options.Weights, options.Threshold, options.Threads));
        Assert.True(options.Overwrite);
        Assert.True(options.All);
        Assert.True(Options.Parse(["--help"]).HelpWanted);
    }

    [Theory]
    [InlineData("name at least one image")]
    [InlineData("there is no option --outptu", "--outptu", "x", "a.png")]
    [InlineData("there is no option --overwrite=yes", "--overwrite=yes", "a.png")]
    [InlineData("--weights needs a value", "a.png", "--weights")]
    [InlineData("--threshold is above 0 and below 1, not 1", "a.png", "--threshold", "1")]
    [InlineData("--threshold is above 0 and below 1, not NaN", "a.png", "--threshold", "NaN")]
    [InlineData("--threads is from 1 to 1024, not 0", "a.png", "--threads", "0")]
    [InlineData("--threads is from 1 to 1024, not two", "a.png", "--threads", "two")]
    [InlineData("--output is the name of a folder", "a.png", "--output=")]
    [InlineData("--weights is the name of a file", "a.png", "--weights=")]
    [InlineData("an argument is empty; name images and options", "a.png", "")]
    [InlineData("an argument is empty; name images and options", "--", "")]
    public void What_is_wrong_is_said_in_one_sentence(string message, params string[] arguments) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Options.Parse(arguments)).Message);
}
