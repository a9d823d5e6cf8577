using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CMUNeXt.Files;
using CMUNeXt.Training.Json;

namespace CMUNeXt.Training.Runs;

/// <summary>How the JSON of a run's folder is written and read.</summary>
internal static class RunJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>Reads JSON in which no object has a field twice.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static JsonNode? ParseNode(string json) =>
        JsonNode.Parse(json, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });

    /// <summary>Reads JSON that a run has written.</summary>
    /// <param name="path">The file that it comes from, for the message.</param>
    /// <param name="json">The text.</param>
    /// <exception cref="BadFileException">It is no such JSON.</exception>
    public static T Parse<T>(string path, string json)
    {
        try
        {
            return EarlierNames.Renamed(ParseNode(json)).Deserialize<T>(Options) ?? throw new JsonException("it holds null");
        }
        catch (JsonException e)
        {
            throw new BadFileException(path, $"is not what a run writes: {JsonFault.Of(e)}", e);
        }
    }
}
