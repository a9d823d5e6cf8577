using System.Globalization;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Training.Tests.Phantoms;

public class InputCheckTests
{
    [Fact]
    public void Phantoms_look_as_they_should()
    {
        for (int i = 0; i < 12; i++)
        {
            Assert.Empty(InputCheck.Warnings(PhantomGenerator.Create(11, i).Image));
        }
    }

    [Fact]
    public void A_color_box_is_warned_of()
    {
        Image phantom = PhantomGenerator.Create(11, 0).Image;
        byte[] pixels = [.. phantom.Pixels.SelectMany(value => new[] { value, value, value })];
        for (int y = 100; y < 120; y++)
        {
            for (int x = 100; x < 130; x++)
            {
                pixels[((y * phantom.Width) + x) * 3] = 220;
                pixels[(((y * phantom.Width) + x) * 3) + 2] = 30;
            }
        }

        Assert.Contains(
            "colored", Assert.Single(InputCheck.Warnings(new Image(phantom.Width, phantom.Height, 3, pixels))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_has_the_same_words_in_every_culture()
    {
        byte[] pixels = new byte[3 * 1000];
        for (int i = 0; i < 15; i++)
        {
            pixels[3 * i] = 220;
        }

        CultureInfo commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        commas.NumberFormat.NumberDecimalSeparator = ",";
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = commas;
            Assert.StartsWith(
                "1.5 % of the pixels are colored", InputCheck.Warnings(new Image(50, 20, 3, pixels))[0], StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_wide_black_frame_is_warned_of()
    {
        Image phantom = PhantomGenerator.Create(11, 1).Image;
        byte[] pixels = new byte[4 * phantom.Pixels.Length];
        for (int y = 0; y < phantom.Height; y++)
        {
            phantom.Pixels.AsSpan(y * phantom.Width, phantom.Width).CopyTo(pixels.AsSpan(y * 2 * phantom.Width));
        }

        Assert.Contains(
            "black", Assert.Single(InputCheck.Warnings(new Image(2 * phantom.Width, 2 * phantom.Height, 1, pixels))),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("even", "speckle")]
    [InlineData("gradient", "speckle")]
    [InlineData("disks", "speckle")]
    [InlineData("noise", "Neighboring")]
    [InlineData("page", "white")]
    public void Everyday_images_are_warned_of(string kind, string expected)
    {
        Random random = new(3);
        byte[] pixels = [.. Enumerable.Range(0, 500 * 400).Select(i => Value(kind, i % 500, i / 500, random))];

        Assert.Contains(
            InputCheck.Warnings(new Image(500, 400, 1, pixels)), warning => warning.Contains(expected, StringComparison.Ordinal));
    }

    private static byte Value(string kind, int x, int y, Random random) => kind switch
    {
        "even" => 128,
        "gradient" => (byte)(x / 2),
        "disks" => (byte)(80
            + (40 * ((((x / 100) + (y / 100)) % 3) + (Math.Pow((x % 100) - 50, 2) + Math.Pow((y % 100) - 50, 2) < 1600 ? 1 : 0)))),
        "noise" => (byte)random.Next(256),
        _ => y % 20 > 12 && x % 9 > 4 && x is > 40 and < 460 ? (byte)20 : (byte)255,
    };
}
