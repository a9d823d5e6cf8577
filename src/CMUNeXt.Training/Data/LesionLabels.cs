namespace CMUNeXt.Training.Data;

/// <summary>Which labels of a mask in memory are lesions: all but the background, and what nothing is known of.</summary>
internal static class LesionLabels
{
    /// <summary>Whether a pixel with this label belongs to a lesion.</summary>
    public static bool IsLesion(byte label) => label is > 0 and < IgnoredPixels.Label;

    /// <summary>Whether a mask has a lesion.</summary>
    /// <param name="labels">Of its pixels.</param>
    public static bool HasLesion(ReadOnlySpan<byte> labels) => labels.ContainsAnyExcept((byte)0, IgnoredPixels.Label);

    /// <summary>
    /// Whether a mask is that of a healthy image: of one without a lesion but with ignored pixels nobody knows, so it is neither.
    /// </summary>
    /// <param name="labels">Of its pixels.</param>
    public static bool IsHealthy(ReadOnlySpan<byte> labels) => !labels.ContainsAnyExcept((byte)0);
}
