using System.Buffers;
using System.Text.RegularExpressions;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Preparation;

/// <summary>
/// Which image a mask belongs to, by their stems: the mask's is the image's with a suffix, and for a second, a third mask with a number
/// behind it, as programs number copies: <c>x_mask_1</c>, <c>x_mask-2</c>, <c>x_mask (3)</c>.
/// </summary>
/// <param name="suffix">What every mask has behind the image's stem; it may be empty.</param>
/// <param name="images">The stems of all files that may be images.</param>
internal sealed partial class MaskNames(string suffix, IEnumerable<string> images)
{
    private static readonly SearchValues<char> Separators = SearchValues.Create(" _-.(");

    private readonly HashSet<string> stems = new(images, CanonicalText.Comparer);

    /// <summary>The stem of the image that a mask belongs to; null where the stem is not that of a mask.</summary>
    public string? ImageOf(string stem)
    {
        if (stem.EndsWith(suffix, StringComparison.Ordinal) && (suffix.Length == 0 ? stems.Contains(stem) : stem.Length > suffix.Length))
        {
            return stem[..^suffix.Length];
        }

        // A number alone tells nothing, so the image has to be there.
        string counted = Number().Replace(stem, "");
        string? image = counted.EndsWith(suffix, StringComparison.Ordinal) ? counted[..^suffix.Length] : null;
        return image is not null && counted != stem && stems.Contains(image) ? image
            : suffix.Length == 0 && !BeginsWithImage(stem) ? stem
            : null;
    }

    /// <summary>Whether a stem is that of a mask and not of an image, in a folder that holds both.</summary>
    public bool IsMask(string stem) => ImageOf(stem) is not null;

    /// <summary>Whether a stem that is not understood begins as a mask's does.</summary>
    public bool LooksLikeMask(string stem)
    {
        if (ImageOf(stem) is not null)
        {
            return false;
        }

        if (suffix.Length == 0)
        {
            return BeginsWithImage(stem);
        }

        int place = stem.LastIndexOf(suffix, StringComparison.OrdinalIgnoreCase);
        return place > 0 && stems.Contains(stem[..place]);
    }

    // Without a separator the stem is another one: x10 does not belong to x1.
    private bool BeginsWithImage(string stem)
    {
        for (int i = 1; i < stem.Length; i++)
        {
            if (Separators.Contains(stem[i]) && stems.Contains(stem[..i]))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"(?:[ _.-]?[0-9]+|[ _.-]?\([0-9]+\))\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
