using System.Xml.Linq;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Masks;

namespace CMUNeXt.Drawing.Tests.Overlays;

public sealed class ContourSvgTests
{
    // The middles of the edges of one pixel at (2, 1).
    [Fact]
    public void A_contour_is_a_path_in_pixels_of_the_image()
    {
        byte[] pixels = new byte[5 * 4];
        pixels[(1 * 5) + 2] = 1;
        XElement svg = XElement.Parse(ContourSvg.Of(new Mask(5, 4, pixels)));
        Assert.Equal(["5", "4", "0 0 5 4"], new[] { "width", "height", "viewBox" }.Select(name => (string?)svg.Attribute(name)));
        XElement path = Assert.Single(svg.Elements());
        Assert.Equal("M2.5 1L3 1.5L2.5 2L2 1.5L2.5 1Z", (string?)path.Attribute("d"));
    }

    [Fact]
    public void An_empty_mask_has_none_and_each_class_its_own() =>
        Assert.Equal(
            [0, 2],
            new[] { new byte[4], [1, 0, 0, 2] }.Select(pixels => XElement.Parse(ContourSvg.Of(new Mask(2, 2, pixels))).Elements().Count()));
}
