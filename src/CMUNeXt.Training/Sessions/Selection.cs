using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Sessions;

/// <summary>What chooses the best epoch of a training, settled before it begins.</summary>
internal static class Selection
{
    /// <summary>Settles it; where it depends on the cases, their masks are read.</summary>
    /// <param name="asked">What is asked for; null for what suits the cases (<see cref="TrainingProtocol.Select"/>).</param>
    /// <param name="train">The cases to train on.</param>
    /// <param name="validation">The cases to validate on.</param>
    /// <exception cref="SettingsException">The validation cases cannot tell one epoch from another so.</exception>
    /// <exception cref="BadFileException">A mask is missing or broken.</exception>
    public static SelectionKind Settle(SelectionKind? asked, IReadOnlyList<Case> train, IReadOnlyList<Case> validation)
    {
        if (asked is SelectionKind.Published or SelectionKind.Loss or SelectionKind.Last)
        {
            return asked.Value;
        }

        IReadOnlyList<bool>[] validated = [.. validation.Select(CaseContents.Read)];
        if (asked is null && validated.All(HoldsEveryClass) && train.All(static one => HoldsEveryClass(CaseContents.Read(one))))
        {
            return SelectionKind.Published;
        }

        const string Remedy = "choose it by loss, or keep the last";
        bool lesions = validated.Any(static one => one.Contains(true));
        bool healthy = validated.Any(static one => !one.Contains(true));
        return asked == SelectionKind.Presence && !(lesions && healthy)
            ? throw new SettingsException(
                $"the validation list does not hold both healthy images and others, so presence cannot choose the best epoch; {Remedy}")
            : !lesions
                ? throw new SettingsException($"no validation case holds a lesion, so no IoU or Dice can choose the best epoch; {Remedy}")
                : asked ?? SelectionKind.Iou;
    }

    private static bool HoldsEveryClass(IReadOnlyList<bool> classes) => !classes.Contains(false);
}
