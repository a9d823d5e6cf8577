using System.Globalization;
using System.Text.Json;

namespace CMUNeXt.Masks;

/// <summary>A fixed number of whole numbers as a JSON array on one line, also in an indented document.</summary>
internal static class NumberArray
{
    public static void Read(ref Utf8JsonReader reader, scoped Span<int> numbers)
    {
        bool right = reader.TokenType == JsonTokenType.StartArray;
        for (int i = 0; i < numbers.Length && right; i++)
        {
            right = reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out numbers[i]);
        }

        if (!right || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException($"An array of {numbers.Length} whole numbers belongs here.");
        }
    }

    public static void Write(Utf8JsonWriter writer, ReadOnlySpan<int> numbers)
    {
        // A culture of its own may have another minus sign.
        string[] digits = Array.ConvertAll(numbers.ToArray(), static number => number.ToString(CultureInfo.InvariantCulture));
        writer.WriteRawValue($"[{string.Join(", ", digits)}]", skipInputValidation: true);
    }
}
