namespace CMUNeXt.Files.Tests;

public sealed class ShortListTests
{
    [Theory]
    [InlineData(2, 5, "1, 2")]
    [InlineData(5, 5, "1, 2, 3, 4, 5")]
    [InlineData(195, 5, "1, 2, 3, 4, 5 and 190 more")]
    [InlineData(195, 2, "1, 2 and 193 more")]
    public void Many_names_stay_one_line(int count, int shown, string expected) =>
        Assert.Equal(expected, ShortList.Of([.. Enumerable.Range(1, count).Select(number => $"{number}")], shown));
}
