namespace CMUNeXt.Training.Studies;

/// <summary>One evaluation of a study: every case judged once, by weights that have not seen it.</summary>
/// <param name="Arm">The name of the recipe in the plan.</param>
/// <param name="Seeds">The seeds; of several, the mean of their probabilities is judged.</param>
/// <param name="Flips">Whether flips of the images are averaged too.</param>
/// <param name="Folder">Its folder, an ordinary evaluation's.</param>
public sealed record StudyEvaluation(string Arm, IReadOnlyList<ulong> Seeds, bool Flips, string Folder)
{
    /// <summary>The name of its folder.</summary>
    public string Name => Path.GetFileName(Folder);
}
