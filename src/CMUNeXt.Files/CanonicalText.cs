using System.Collections.Frozen;
using System.Text;

namespace CMUNeXt.Files;

/// <summary>
/// Names that look alike are alike: a letter and its mark count as the one letter that they make. macOS writes them apart (NFD), most
/// others together (NFC), and the framework composes nothing where it runs without the data of cultures.
/// </summary>
public static class CanonicalText
{
    // The first and last leading consonants, vowels and trailing consonants of Hangul, whose syllables are computed.
    private const int Leads = 0x1100;
    private const int Vowels = 0x1161;
    private const int Trails = 0x11a7;
    private const int Syllables = 0xac00;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;

    private static readonly FrozenDictionary<(char Base, char Mark), char> Composed =
        Compositions.Triples.Chunk(3).ToFrozenDictionary(static triple => (triple[0], triple[1]), static triple => triple[2]);

    /// <summary>Compares names by what they look like, and by case as they stand.</summary>
    public static IEqualityComparer<string> Comparer { get; } = ComparerOf(StringComparison.Ordinal);

    /// <summary>Compares names by what they look like, and by case as the system's own file system does.</summary>
    public static IEqualityComparer<string> FileComparer { get; } = ComparerOf(RealPath.Comparison);

    /// <summary>The text with each letter and the marks behind it in one, where there is such a letter.</summary>
    /// <param name="text">Any text.</param>
    public static string? Compose(string? text)
    {
        if (text is null || text.AsSpan().IndexOfAnyExceptInRange('\0', '\u02ff') < 0)
        {
            return text;
        }

        StringBuilder composed = new(text.Length);
        foreach (char next in text)
        {
            if (composed.Length > 0 && Join(composed[^1], next) is { } joined)
            {
                composed[^1] = joined;
            }
            else
            {
                composed.Append(next);
            }
        }

        return composed.ToString();
    }

    private static EqualityComparer<string> ComparerOf(StringComparison comparison) => EqualityComparer<string>.Create(
        (one, other) => string.Equals(Compose(one), Compose(other), comparison), name => Compose(name)!.GetHashCode(comparison));

    private static char? Join(char first, char next)
    {
        (int lead, int vowel, int syllable, int trail) = (first - Leads, next - Vowels, first - Syllables, next - Trails);
        return lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount
                ? (char)(Syllables + (((lead * VowelCount) + vowel) * TrailCount))
            : syllable is >= 0 and < LeadCount * VowelCount * TrailCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount
                ? (char)(first + trail)
            : Composed.TryGetValue((first, next), out char letter) ? letter
            : null;
    }
}
