using System.Text.Json;
using System.Text.Json.Serialization;

namespace CMUNeXt.Weights;

/// <summary>Writes the names of an enumeration as <c>large-kernel</c>, and reads nothing else: no numbers.</summary>
internal sealed class KebabCaseJsonConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
