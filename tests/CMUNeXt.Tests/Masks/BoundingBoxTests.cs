using System.Globalization;
using System.Text.Json;
using CMUNeXt.Masks;

namespace CMUNeXt.Tests.Masks;

public sealed class BoundingBoxTests
{
    [Fact]
    public void Encloses_one_class()
    {
        Mask mask = TestMasks.Of("2....", "..1..", ".1..2");
        Assert.Equal(new BoundingBox(1, 1, 2, 2), BoundingBox.Of(mask, 1));
        Assert.Equal(new BoundingBox(0, 0, 5, 3), BoundingBox.Of(mask, 2));
        Assert.Null(BoundingBox.Of(mask, 3));
    }

    [Fact]
    public void In_JSON_its_numbers_are_the_same_in_every_culture()
    {
        CultureInfo other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        other.NumberFormat.NegativeSign = "\u2212";
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = other;
            Assert.Equal("[-1, 2, 3, 4]", JsonSerializer.Serialize(new BoundingBox(-1, 2, 3, 4)));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_union_encloses_both() =>
        Assert.Equal(new BoundingBox(1, 2, 9, 8), new BoundingBox(1, 5, 2, 2).Union(new BoundingBox(4, 2, 6, 8)));
}
