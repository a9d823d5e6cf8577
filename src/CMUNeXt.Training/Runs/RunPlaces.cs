namespace CMUNeXt.Training.Runs;

/// <summary>
/// Where the files of a run lie on this machine: <c>places.json</c> beside <c>config.json</c>, which has their names alone and so says
/// nothing of whose machine it was.
/// </summary>
/// <param name="Data">The prepared data set's folder.</param>
/// <param name="Teachers">The weight files of the teachers, in the order of the settings; null where there are none.</param>
internal sealed record RunPlaces(string Data, IReadOnlyList<string>? Teachers = null)
{
    /// <summary>The places in the settings of a run that is under way.</summary>
    public static RunPlaces Of(RunSettings settings) =>
        new(settings.Data, settings.Teachers is null ? null : [.. settings.Teachers.Select(static file => file.Path)]);

    /// <summary>Puts them into settings that were read.</summary>
    public RunSettings Put(RunSettings settings) => settings with
    {
        Data = Data,
        Teachers = settings.Teachers?.Count == Teachers?.Count
            ? settings.Teachers?.Zip(Teachers!, static (file, path) => file with { Path = path }).ToArray() : settings.Teachers,
    };
}
