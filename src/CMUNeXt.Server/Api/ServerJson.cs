using System.Text.Json;

namespace CMUNeXt.Server.Api;

/// <summary>How answers stand in JSON: names in snake case, as in the findings that <c>cmunext predict</c> writes.</summary>
internal static class ServerJson
{
    /// <summary>The options for every answer.</summary>
    public static JsonSerializerOptions Options { get; } = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
}
