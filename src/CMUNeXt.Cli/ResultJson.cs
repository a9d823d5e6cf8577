using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CMUNeXt.Cli;

/// <summary>How results, and messages between processes, stand in JSON: names in snake case, nothing where there is nothing.</summary>
internal static class ResultJson
{
    private static readonly JsonSerializerOptions Line = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    private static readonly JsonSerializerOptions Document = new(Line) { WriteIndented = true };

    /// <summary>On one line.</summary>
    public static string ToLine<T>(T value) => JsonSerializer.Serialize(value, Line);

    /// <summary>On lines of its own for each value.</summary>
    public static string ToDocument<T>(T value) => JsonSerializer.Serialize(value, Document);

    /// <exception cref="JsonException">The line is something else.</exception>
    public static T Read<T>(string line) =>
        JsonSerializer.Deserialize<T>(line, Line) ?? throw new JsonException($"'{line}' is no message.");
}
