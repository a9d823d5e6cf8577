using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Training.Tests.Preparation;

public sealed class MaskNamesTests
{
    [Theory]
    [InlineData("x_mask", "x")]
    [InlineData("x_mask_1", "x")]
    [InlineData("x_mask_02", "x")]
    [InlineData("x_mask-2", "x")]
    [InlineData("x_mask (2)", "x")]
    [InlineData("x_mask(2)", "x")]
    [InlineData("x_mask.3", "x")]
    [InlineData("x_mask4", "x")]
    [InlineData("gone_mask", "gone")]
    [InlineData("gone_mask_1", null)]
    [InlineData("x", null)]
    [InlineData("x_1", null)]
    [InlineData("_mask", null)]
    [InlineData("x_mask_old", null)]
    public void With_a_suffix_a_number_behind_it_makes_a_further_mask(string stem, string? image) =>
        Assert.Equal(image, new MaskNames("_mask", ["x", "x_1", "y"]).ImageOf(stem));

    [Theory]
    [InlineData("x", "x")]
    [InlineData("x_1", "x_1")]
    [InlineData("x_2", "x")]
    [InlineData("x (2)", "x")]
    [InlineData("gone", "gone")]
    [InlineData("gone_2", "gone_2")]
    public void Without_one_an_image_of_its_own_comes_first(string stem, string image) =>
        Assert.Equal(image, new MaskNames("", ["x", "x_1"]).ImageOf(stem));

    [Fact]
    public void A_name_that_begins_as_a_mask_does_is_not_passed_over()
    {
        MaskNames names = new("_mask", ["x"]);
        Assert.True(names.LooksLikeMask("x_mask_old"));
        Assert.True(names.LooksLikeMask("x_Mask"));
        Assert.False(names.LooksLikeMask("x_mask_1"));
        Assert.False(names.LooksLikeMask("x"));
        Assert.False(names.LooksLikeMask("y_mask_old"));
    }

    [Theory]
    [InlineData("x_left", true)]
    [InlineData("x left", true)]
    [InlineData("x-left", true)]
    [InlineData("x.left", true)]
    [InlineData("x(left)", true)]
    [InlineData("x_mask_1", true)]
    [InlineData("xleft", false)]
    [InlineData("y_left", false)]
    [InlineData("x_right", false)]
    [InlineData("x_1", false)]
    [InlineData("x", false)]
    public void Without_a_suffix_such_a_name_is_the_stem_of_an_image_with_something_behind_it(string stem, bool looks)
    {
        MaskNames names = new("", ["x", "x_right"]);
        Assert.Equal(looks, names.LooksLikeMask(stem));
        Assert.Equal(looks, names.ImageOf(stem) is null);
    }
}
