using CMUNeXt.Drawing.Fonts;

namespace CMUNeXt.Drawing.Tests.Fonts;

public sealed class EmbeddedFontTests
{
    [Fact]
    public void Every_sign_that_plots_and_overlays_need_is_there()
    {
        const string needed = "0123456789.,+-\u2212%()[]/:;=<>\u2264\u2265\u00B1\u00D7\u00B5\u00B2 "
            + "abcxyzABCXYZ\u00E4\u00F6\u00FC\u00DF\u00E9\u00F1\u0105\u03B1\u03B2\u0414\u0436\u2013\u2026\u00B7";
        Assert.All(needed, c => Assert.True(EmbeddedFont.Typeface.ContainsGlyph(c), $"U+{(int)c:X4}"));
    }
}
