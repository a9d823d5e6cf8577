using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CMUNeXt.Training.Evaluation;

/// <summary>How a summary and a job are written as JSON.</summary>
[JsonSerializable(typeof(EvaluationSummary))]
[JsonSerializable(typeof(EvaluationJob))]
internal sealed partial class EvaluationJson : JsonSerializerContext
{
    /// <summary>With letters of every script as they are: the file is read by people and by JSON readers, not pasted into a page.</summary>
    public static EvaluationJson Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });

    /// <summary>In one line, with all digits and what is undefined.</summary>
    public static EvaluationJson Line { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    });
}
