using CMUNeXt.Files;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Training.Sessions;

/// <summary>What chooses the best epoch of a training, settled before it begins.</summary>
internal static class Selection
{
    /// <summary>Settles it.</summary>
    /// <param name="settings">The settings, with what is asked for (<see cref="TrainingProtocol.Select"/>).</param>
    /// <param name="train">Of each case to train on, what it holds.</param>
    /// <param name="validation">The cases to validate on.</param>
    /// <param name="contents">Of each of these, what it holds.</param>
    /// <param name="list">The list of those to validate on, for messages.</param>
    /// <exception cref="BadFileException">The validation cases cannot tell one epoch from another so.</exception>
    public static SelectionKind Settle(
        RunSettings settings, CaseContents[] train, IReadOnlyList<Case> validation, CaseContents[] contents, string list)
    {
        SelectionKind? asked = settings.Protocol.Select;
        if (asked is SelectionKind.Published or SelectionKind.Loss or SelectionKind.Last)
        {
            return asked.Value;
        }

        if (asked is null && contents.All(HoldsEveryClass) && train.All(HoldsEveryClass))
        {
            return SelectionKind.Published;
        }

        const string Remedy = "choose it by loss, or keep the last (--select), or give another --val; in a plan \"select\" stands "
            + "in the arm's \"protocol\"";
        Case[] lesions = [.. validation.Where((_, i) => contents[i].HasLesion)];
        if (asked == SelectionKind.Presence && (lesions.Length == 0 || !contents.Any(static one => one.IsHealthy)))
        {
            throw new BadFileException(
                list, $"does not hold both healthy images and others, so presence cannot choose the best epoch; {Remedy}");
        }

        if (lesions.Length == 0)
        {
            throw new BadFileException(list, $"none of its cases holds a lesion, so no IoU or Dice can choose the best epoch; {Remedy}");
        }

        // Mostly the first case has one that is left.
        return lesions.Any(one => LesionLabels.HasLesion(LoadedCase.Load(one).ResizeMask(settings.Preprocessing).Pixels))
            ? asked ?? SelectionKind.Iou
            : throw new BadFileException(
                list,
                $"no pixel of its lesions is left at {settings.Preprocessing.Width} x {settings.Preprocessing.Height}, so no mask can "
                    + $"choose the best epoch; give a larger --size, {Remedy}");
    }

    private static bool HoldsEveryClass(CaseContents one) => !one.Classes.Contains(false);
}
