namespace CMUNeXt.Files.Tests;

public sealed class CanonicalTextTests
{
    [Theory]
    [InlineData("e\u0301", "\u00e9")]
    [InlineData("Gro\u00dfe Zyste mu\u0308de", "Gro\u00dfe Zyste m\u00fcde")]
    [InlineData("e\u0323\u0302", "\u1ec7")]
    [InlineData("\u1112\u1161\u11ab", "\ud55c")]
    [InlineData("\u304b\u3099", "\u304b\u3099")]
    [InlineData("plain", "plain")]
    public void A_letter_and_its_mark_are_the_letter_that_they_make(string apart, string together)
    {
        Assert.Equal(together, CanonicalText.Compose(apart));
        Assert.Equal(together, CanonicalText.Compose(together));
        Assert.True(CanonicalText.Comparer.Equals(apart, together));
        Assert.Equal(CanonicalText.Comparer.GetHashCode(apart), CanonicalText.Comparer.GetHashCode(together));
    }

    [Fact]
    public void Names_of_files_are_compared_as_the_system_does()
    {
        Assert.True(CanonicalText.FileComparer.Equals("e\u0301", "\u00e9"));
        Assert.False(CanonicalText.FileComparer.Equals("e", "\u00e9"));
        Assert.Equal("A".Equals("a", RealPath.Comparison), CanonicalText.FileComparer.Equals("A\u0301", "\u00e1"));
    }

    [Fact]
    public void Other_names_stay_other_names()
    {
        Assert.False(CanonicalText.Comparer.Equals("e", "\u00e9"));
        Assert.False(CanonicalText.Comparer.Equals("A", "a"));
        Assert.False(CanonicalText.Comparer.Equals("a\u0301", "a\u0300"));
    }
}
