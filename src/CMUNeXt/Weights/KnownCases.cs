namespace CMUNeXt.Weights;

/// <summary>
/// The images that weights know, so that nobody judges them on these without being told. An image is named by the first 16 hexadecimal
/// digits of the SHA-256 of its pixels, which do not give the image back.
/// </summary>
/// <param name="Training">Those that it was trained on, in earlier trainings too.</param>
/// <param name="Selection">Those by which its epoch was chosen; none where it is the last one.</param>
public sealed record KnownCases(IReadOnlyList<string> Training, IReadOnlyList<string> Selection)
{
    private const int Digits = 16;

    /// <summary>What names an image.</summary>
    /// <param name="sha256">The SHA-256 of its pixels in hexadecimal digits, at least 16.</param>
    public static string Shorten(string sha256) => sha256[..Digits].ToLowerInvariant();

    /// <summary>Whether all names are ones.</summary>
    internal bool IsValid =>
        Training.Concat(Selection).All(static name => name is { Length: Digits } && name.All(char.IsAsciiHexDigitLower));
}
