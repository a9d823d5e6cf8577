using System.Globalization;
using System.Text;
using CMUNeXt.Files;

namespace CMUNeXt.Dicom.Objects;

/// <summary>
/// Unique identifiers that follow from what they are of: the same source, weights and settings give the same identifier, so that an
/// archive knows a result that it has.
/// </summary>
internal static class DerivedUid
{
    // A UUID as a decimal number (PS3.5, B.2), here of the first 128 bits of a SHA-256.
    private const string Root = "2.25.";
    private const int Digits = 32;

    public static string Of(params string[] parts)
    {
        string hash = Sha256.Of(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
        UInt128 number = UInt128.Parse(hash.AsSpan(0, Digits), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return Root + number.ToString(CultureInfo.InvariantCulture);
    }
}
