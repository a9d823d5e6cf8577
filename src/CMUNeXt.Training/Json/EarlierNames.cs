using System.Text.Json.Nodes;

namespace CMUNeXt.Training.Json;

/// <summary>What fields and values of runs, recipes, plans and evaluations were called in earlier versions: they are still read.</summary>
internal static class EarlierNames
{
    /// <summary>The column of <c>cases.csv</c> that is <c>reference_area</c> now.</summary>
    public const string ReferenceArea = "truth_area";

    private static readonly Dictionary<string, string> Fields = new()
    {
        ["optimiser"] = "optimizer",
        ["rate"] = "learning_rate",
        ["deviation"] = "std",
        ["honest"] = "metrics",
        ["original"] = "as_published",
        ["false_alarm"] = "false_positive",
        ["empty_truth"] = "empty_reference",
        ["marked"] = "found",
        ["marked_fraction"] = "found_fraction",
        ["marked_area"] = "found_area",
        ["step"] = "iteration",
    };

    private static readonly Dictionary<(string Field, string Value), string> Values = new()
    {
        [("order", "grey")] = "gray",
        [("optimizer", "adam-w")] = "adamw",
    };

    /// <summary>
    /// The same JSON with the names of today; where a file has both, the earlier one stays, and is then a field too many.
    /// </summary>
    public static JsonNode? Renamed(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(
            field => KeyValuePair.Create(NameIn(fields, field.Key), ValueIn(NameIn(fields, field.Key), field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Renamed)]),
        _ => node?.DeepClone(),
    };

    private static JsonNode? ValueIn(string field, JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) && Values.TryGetValue((field, text), out string? today)
            ? today : Renamed(node);

    private static string NameIn(JsonObject fields, string name) =>
        Fields.TryGetValue(name, out string? today) && !fields.ContainsKey(today) ? today : name;
}
