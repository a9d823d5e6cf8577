using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace CMUNeXt.Training.Json;

/// <summary>What is wrong with JSON that a person may have written, without the names of .NET types that the framework tells.</summary>
internal static partial class JsonFault
{
    // As every file of this project has the values of an enumeration.
    private static readonly JsonSerializerOptions Named =
        new() { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) } };

    /// <summary>Says it in a part of a sentence.</summary>
    /// <param name="e">What reading it threw.</param>
    public static string Of(Exception e)
    {
        string message = e.Message.Split('\n')[0];
        string field = (e as JsonException)?.Path?.TrimStart('$', '.') ?? "";
        return Unknown().Match(message) is { Success: true } unknown ? $"there is no field {unknown.Groups[1]}"
            : Twice().Match(message) is { Success: true } twice ? $"the field {twice.Groups[1]} stands twice"
            : Missing().Match(message) is { Success: true } missing ? $"it lacks {missing.Groups[1]}"
            : message.Contains("allow", StringComparison.Ordinal) && message.Contains("null", StringComparison.Ordinal) && field.Length > 0
                ? $"'{field}' is null"
            : Unconverted().Match(message) is { Success: true } unconverted
                ? field.Length > 0 ? $"'{field}' is not {Expected(unconverted.Groups[1].Value)}" : "it holds no object"
            : e is JsonException { LineNumber: { } line } ? $"{Syntax(e.Message)} (line {line + 1})"
            : message;
    }

    // The framework quotes all that is left of the document, and tells of a comma what a program would change.
    private static string Syntax(string message) =>
        Literal().Match(message) is { Success: true } literal
            ? $"'{literal.Groups[1].Value}' is neither a text in double quotes nor a number, true, false or null"
        : Comma().Match(message) is { Success: true } comma
            ? $"there is a comma too many at the end of the {comma.Groups[1].Value}"
        : Place().Replace(message.Split('\n')[0], "");

    private static string Expected(string type) =>
        type.Contains("List`1", StringComparison.Ordinal) || type.EndsWith("[]", StringComparison.Ordinal) ? "a list of what belongs there"
        : Innermost().Match(type).Value switch
        {
            "System.Boolean" => "true or false",
            "System.String" => "a text",
            "System.Single" or "System.Double" => "a number",
            "System.Int32" or "System.Int64" or "System.UInt64" => "a whole number",
            var name when EnumNamed(name) is { } kind => $"one of {string.Join(", ", NamesOf(kind))}",
            _ => "what belongs there",
        };

    private static IEnumerable<string> NamesOf(Type kind) =>
        Enum.GetValues(kind).Cast<object>().Select(value => JsonSerializer.Serialize(value, kind, Named).Trim('"'));

    private static Type? EnumNamed(string name) =>
        ((Type[])[typeof(JsonFault), typeof(Segmenter)]).Select(one => one.Assembly.GetType(name))
            .FirstOrDefault(static one => one is { IsEnum: true });

    [GeneratedRegex("^The JSON property ('.+?') could not be mapped")]
    private static partial Regex Unknown();

    [GeneratedRegex("^Duplicate property ('.+?') encountered")]
    private static partial Regex Twice();

    [GeneratedRegex(@"missing required properties including: (.+?)\.?$")]
    private static partial Regex Missing();

    [GeneratedRegex(@"^The JSON value could not be converted to (\S+?)\.( |$)")]
    private static partial Regex Unconverted();

    [GeneratedRegex(@"[\w.]+(?=\]*$)")]
    private static partial Regex Innermost();

    // A document that is no JSON at all may go on without an end.
    [GeneratedRegex(@"^'([^\s,\]}]{1,40}).*' is an invalid JSON literal\.", RegexOptions.Singleline)]
    private static partial Regex Literal();

    [GeneratedRegex("^The JSON (object|array) contains a trailing comma")]
    private static partial Regex Comma();

    [GeneratedRegex(@"\.? (Path|LineNumber): .*$")]
    private static partial Regex Place();
}
