using System.Globalization;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Runs;

/// <summary>The table <c>metrics.csv</c>: a line for each epoch.</summary>
internal static class MetricsTable
{
    private const string ValidationIou = "val_iou";

    // With what stands in them.
    private static readonly (string Name, Func<EpochRecord, string?> Value)[] Columns =
    [
        Column("epoch", static epoch => epoch.Epoch + 1),
        Column("train_loss", static epoch => epoch.TrainLoss),
        Column("train_iou", static epoch => epoch.TrainIou),
        Column("val_loss", static epoch => epoch.ValidationLoss),
        Column(ValidationIou, static epoch => epoch.Validation.Iou),
        Column("val_dice", static epoch => epoch.Validation.Dice),
        Column("val_sensitivity", static epoch => epoch.Validation.Sensitivity),
        Column("val_precision", static epoch => epoch.Validation.Precision),
        Column("val_specificity", static epoch => epoch.Validation.Specificity),
        Column("val_accuracy", static epoch => epoch.Validation.Accuracy),
        Column("val_f1", static epoch => epoch.Validation.F1),
        Column("val_dice_coef", static epoch => epoch.Validation.DiceCoef),
        Column("val_mask_iou", static epoch => epoch.Masks?.Iou),
        Column("val_mask_dice", static epoch => epoch.Masks?.Dice),
        Column("val_presence", static epoch => epoch.Masks?.Presence),
        Column("val_found", static epoch => epoch.Masks?.Found),
        Column("learning_rate", static epoch => epoch.LearningRate),
        Column("seconds", static epoch => epoch.Seconds, "0.0"),
    ];

    /// <summary>Writes the epochs that are complete.</summary>
    public static void Write(string path, IReadOnlyList<EpochRecord> epochs)
    {
        IEnumerable<IEnumerable<string?>> rows = epochs.Select(epoch => Columns.Select(column => column.Value(epoch)));
        AtomicFile.WriteText(
            path,
            string.Concat(rows.Prepend(Columns.Select(static column => column.Name)).Select(static row => string.Join(',', row) + "\n")));
    }

    /// <summary>Reads the validation IoU of each epoch; none where there is no table.</summary>
    /// <exception cref="BadFileException">The file is not what a run writes.</exception>
    public static IReadOnlyList<double> ReadValidationIou(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        string[] lines = File.ReadAllLines(path);
        int column = lines.Length == 0 ? -1 : Array.IndexOf(lines[0].Split(','), ValidationIou);
        return column >= 0
            ? [.. lines.Skip(1).Select(line => line.Split(',') is { } cells && cells.Length > column
                && Number.TryParse(cells[column], out double iou)
                    ? iou
                    : throw new BadFileException(path, $"is not what a run writes: \"{line}\""))]
            : throw new BadFileException(path, "is not what a run writes: its first line is another");
    }

    private static (string Name, Func<EpochRecord, string?> Value) Column(
        string name, Func<EpochRecord, double?> value, string format = "0.########") =>
        (name, epoch => value(epoch)?.ToString(format, CultureInfo.InvariantCulture));
}
