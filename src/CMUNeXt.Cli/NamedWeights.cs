using CMUNeXt.Weights;

namespace CMUNeXt.Cli;

/// <summary>The weights that come with this program, by their names. The first are taken where none are named.</summary>
internal static class NamedWeights
{
    private static readonly (string Name, Func<LoadedWeights> Load)[] All =
    [
        ("breast-ultrasound", () => Pretrained.BreastUltrasound),
        ("thyroid-ultrasound", () => Pretrained.ThyroidUltrasound),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(one => one.Name)];

    public static string Default => Names[0];

    /// <summary>The weights of a name; null where none have it.</summary>
    public static LoadedWeights? Find(string name) => All.FirstOrDefault(one => one.Name == name).Load?.Invoke();
}
