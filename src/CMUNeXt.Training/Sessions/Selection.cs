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
        SelectionKind kind = asked
            ?? (validated.All(HoldsEveryClass) && train.All(static one => HoldsEveryClass(CaseContents.Read(one))) ? SelectionKind.Published : SelectionKind.Iou);
        bool lesions = validated.Any(static one => one.Contains(true));
        return kind == SelectionKind.Published || (lesions && (kind != SelectionKind.Presence || validated.Any(static one => !one.Contains(true))))
            ? kind
            : throw new SettingsException(kind == SelectionKind.Presence
                ? "the best epoch cannot be chosen by presence, since the validation list does not hold both healthy images and others; choose it by loss, or keep the last"
                : "no validation case holds a lesion, so no IoU or Dice can choose the best epoch; choose it by loss, or keep the last");
    }

    private static bool HoldsEveryClass(IReadOnlyList<bool> classes) => !classes.Contains(false);
}
