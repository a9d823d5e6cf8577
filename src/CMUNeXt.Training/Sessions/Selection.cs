using CMUNeXt.Files;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Sessions;

/// <summary>What chooses the best epoch of a training, settled before it begins.</summary>
internal static class Selection
{
    /// <summary>Settles it.</summary>
    /// <param name="asked">What is asked for; null for what suits the cases (<see cref="TrainingProtocol.Select"/>).</param>
    /// <param name="train">Of each case to train on, which classes it holds.</param>
    /// <param name="validation">Of each case to validate on.</param>
    /// <param name="list">The list of those to validate on, for messages.</param>
    /// <exception cref="BadFileException">The validation cases cannot tell one epoch from another so.</exception>
    public static SelectionKind Settle(SelectionKind? asked, IReadOnlyList<bool>[] train, IReadOnlyList<bool>[] validation, string list)
    {
        if (asked is SelectionKind.Published or SelectionKind.Loss or SelectionKind.Last)
        {
            return asked.Value;
        }

        if (asked is null && validation.All(HoldsEveryClass) && train.All(HoldsEveryClass))
        {
            return SelectionKind.Published;
        }

        const string Remedy = "choose it by loss, or keep the last (--select), or give another --val";
        bool lesions = validation.Any(static one => one.Contains(true));
        bool healthy = validation.Any(static one => !one.Contains(true));
        return asked == SelectionKind.Presence && !(lesions && healthy)
            ? throw new BadFileException(
                list, $"does not hold both healthy images and others, so presence cannot choose the best epoch; {Remedy}")
            : !lesions
                ? throw new BadFileException(
                    list, $"none of its cases holds a lesion, so no IoU or Dice can choose the best epoch; {Remedy}")
                : asked ?? SelectionKind.Iou;
    }

    private static bool HoldsEveryClass(IReadOnlyList<bool> classes) => !classes.Contains(false);
}
