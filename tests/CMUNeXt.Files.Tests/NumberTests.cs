using System.Globalization;

namespace CMUNeXt.Files.Tests;

public sealed class NumberTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("-0.5", -0.5)]
    [InlineData(".5", 0.5)]
    [InlineData("0.120", 0.12)]
    [InlineData("1e-4", 1e-4)]
    [InlineData("1E+3", 1000)]
    public void What_is_a_number_is_read_whatever_the_culture(string text, double expected)
    {
        CultureInfo german = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        german.NumberFormat.NumberDecimalSeparator = ",";
        german.NumberFormat.NumberGroupSeparator = ".";
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = german;
            Assert.True(Number.TryParse(text, out double value));
            Assert.Equal(expected, value);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("0,12")]
    [InlineData("1,000")]
    [InlineData("1,000.5")]
    [InlineData("1 000")]
    [InlineData("1_000")]
    [InlineData("+1")]
    [InlineData("--1")]
    [InlineData("(1)")]
    [InlineData("$1")]
    [InlineData("50%")]
    [InlineData("0x10")]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("\u221e")]
    [InlineData("\u0661")]
    [InlineData("\uff11")]
    [InlineData("\u22121")]
    [InlineData("1\0")]
    [InlineData("auto")]
    public void What_is_none_is_refused(string text)
    {
        Assert.False(Number.TryParse(text, out double _));
        Assert.False(Number.TryParse(text, out int _));
    }

    [Theory]
    [InlineData("4.0")]
    [InlineData("4.")]
    [InlineData("1e3")]
    [InlineData("2147483648")]
    [InlineData("99999999999999999999999999")]
    public void A_whole_number_has_no_fraction_and_fits(string text) => Assert.False(Number.TryParse(text, out int _));

    [Fact]
    public void A_seed_is_not_negative() => Assert.False(Number.TryParse("-1", out ulong _));
}
