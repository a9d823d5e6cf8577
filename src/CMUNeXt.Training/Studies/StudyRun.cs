using System.Globalization;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Studies;

/// <summary>One training of a study, in a folder of its own: the unit that several processes may divide among them.</summary>
/// <param name="Arm">The name of its recipe in the plan.</param>
/// <param name="Fold">The fold that it does not see, from 1.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Folder">Its folder, an ordinary run's.</param>
public sealed record StudyRun(string Arm, int Fold, ulong Seed, RunFolder Folder)
{
    /// <summary>The name of its folder.</summary>
    public string Name => NameOf(Arm, Fold, Seed);

    internal static string NameOf(string arm, int fold, ulong seed) =>
        string.Create(CultureInfo.InvariantCulture, $"{arm}-fold{fold}-seed{seed}");
}
