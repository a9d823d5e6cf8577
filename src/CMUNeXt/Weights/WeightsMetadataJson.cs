using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Weights;

/// <summary>Metadata to the JSON that weight files carry, and back, with every range checked both ways.</summary>
internal static class WeightsMetadataJson
{
    /// <summary>Writes metadata as JSON.</summary>
    /// <exception cref="ArgumentException">A value is out of its range: the file could not be read back.</exception>
    public static string Write(WeightsMetadata metadata) =>
        Problem(metadata) is { } problem
            ? throw new ArgumentException($"The metadata are not valid: {problem}.", nameof(metadata))
            : JsonSerializer.Serialize(WeightsMetadataDocument.Of(metadata), WeightsJsonContext.Default.WeightsMetadataDocument);

    /// <summary>Reads metadata from JSON.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <param name="json">The JSON object.</param>
    /// <exception cref="BadFileException">
    /// It is not JSON, a member is missing or of another type, or a value is out of its range.
    /// </exception>
    public static WeightsMetadata Read(string path, string json)
    {
        WeightsMetadata? metadata;
        try
        {
            metadata = JsonSerializer.Deserialize(json, WeightsJsonContext.Default.WeightsMetadataDocument)?.ToMetadata();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // Beside JsonException: text that is not valid UTF-16 or holds half of a surrogate pair.
            throw new BadFileException(path, $"its metadata ({WeightsMetadata.Key}) cannot be read: {PrintableName.Of(e.Message)}", e);
        }

        if (metadata is null)
        {
            throw new BadFileException(path, $"its metadata ({WeightsMetadata.Key}) are null, not an object");
        }

        return Problem(metadata) is { } problem
            ? throw new BadFileException(path, $"its metadata ({WeightsMetadata.Key}) are not valid: {problem}")
            : metadata;
    }

    private static string? Problem(WeightsMetadata metadata)
    {
        if (!IsText(metadata.Network.Name, 100))
        {
            return "the network's name is 1 to 100 printable characters";
        }

        if (metadata.Network.FindFault() is { } fault)
        {
            return fault;
        }

        try
        {
            metadata.Network.Configuration?.Validate();
        }
        catch (ArgumentException e)
        {
            return PrintableName.Of(e.Message);
        }

        int classes = Math.Max(metadata.Network.Outputs - 1, 1);
        if (metadata.Classes.Count != 0 && (metadata.Classes.Count != classes || !metadata.Classes.All(name => IsText(name, 200))))
        {
            return $"{metadata.Network.Outputs} outputs have {classes} class names of 1 to 200 printable characters, or none";
        }

        if (!(metadata.Threshold is >= 0 and <= 1))
        {
            return "the threshold is from 0 to 1";
        }

        (string Name, string? Value)[] texts =
        [
            ("data set's name", metadata.DataSet), ("recipe", metadata.Recipe), ("license", metadata.License),
            ("intended use", metadata.IntendedUse),
        ];
        if (texts.FirstOrDefault(static text => text.Value is { } value && !IsText(value, 1000)) is { Name: { } name })
        {
            return $"the {name} is 1 to 1000 printable characters";
        }

        if (metadata.Metrics is { } metrics && !metrics.All(metric => IsText(metric.Key, 200) && double.IsFinite(metric.Value)))
        {
            return "metrics are finite numbers with names of 1 to 200 printable characters";
        }

        IEnumerable<string> known = (metadata.TrainingCases ?? []).Concat(metadata.SelectionCases ?? []);
        if (!known.All(static name => name is { Length: 16 } && name.All(char.IsAsciiHexDigitLower)))
        {
            return "known cases are 16 hexadecimal digits each";
        }

        return Problem(metadata.Calibration) ?? Problem(metadata.Presence)
            ?? Problem(metadata.CalibrationWithFlips) ?? Problem(metadata.PresenceWithFlips)
            ?? Problem(metadata.Preprocessing, metadata.Network.Channels);
    }

    private static string? Problem(LesionCalibration? calibration)
    {
        if (calibration is null)
        {
            return null;
        }

        if (!double.IsFinite(calibration.Intercept) || !double.IsFinite(calibration.Slope) || !double.IsFinite(calibration.ShareSlope))
        {
            return "the calibration's intercept and slopes are finite";
        }

        // What reports say of a confidence is that of this IoU.
        if (calibration.LeastIou != 0.5 || calibration.Lesions < 1)
        {
            return "the calibration's least IoU is 0.5, and it is of at least one lesion";
        }

        return calibration.ExpectedCalibrationErrors.All(static error => error is >= 0 and <= 1)
            ? null
            : "the calibration's expected errors are from 0 to 1";
    }

    private static string? Problem(PresenceThreshold? presence) =>
        presence is null ? null
            : !double.IsFinite(presence.Score) ? "the presence's score is finite"
            : !(presence.Specificity is > 0 and < 1) || presence.HealthyImages < 1 || presence.Sensitivity is not (null or (>= 0 and <= 1))
                ? "the presence's specificity is above 0 and below 1, of at least one healthy image, and its sensitivity from 0 to 1"
                : null;

    private static string? Problem(Preprocessing preprocessing, int networkChannels)
    {
        if (preprocessing.Channels != networkChannels)
        {
            return $"the channel order gives {preprocessing.Channels} channels, and the network takes {networkChannels}";
        }

        return preprocessing.FindFault();
    }

    // A list or dictionary of non-null strings may still hold null: the annotations inside it are not checked while reading.
    private static bool IsText(string? text, int length) => text is { Length: >= 1 } && text.Length <= length && !text.Any(char.IsControl);
}
