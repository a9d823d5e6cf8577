using System.Text.Json;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>The report that a preparation left in a data set's folder.</summary>
internal static class KeptReport
{
    /// <summary>Its name.</summary>
    public const string FileName = "prepare.json";

    /// <summary>Where it is.</summary>
    /// <param name="folder">The data set's folder.</param>
    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    /// <summary>Reads a field of it.</summary>
    /// <param name="folder">The data set's folder.</param>
    /// <param name="field">The field's name.</param>
    /// <param name="read">Reads the field's value.</param>
    /// <returns>What was read; null where there is no report, or it does not have the field.</returns>
    /// <exception cref="BadFileException">The report is damaged.</exception>
    public static T? Read<T>(string folder, string field, Func<JsonElement, T?> read)
        where T : class
    {
        string path = PathIn(folder);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream stream = File.OpenRead(path);
            using JsonDocument report = JsonDocument.Parse(stream);
            return report.RootElement.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null
                ? read(value) : null;
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or (IOException and not BadFileException) or UnauthorizedAccessException)
        {
            throw new BadFileException(
                path, $"the report of the preparation cannot be read: {e.Message.Split('\n')[0]}; prepare the data set again", e);
        }
    }
}
