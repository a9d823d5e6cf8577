using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Training.Calibration;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>calibrate</c>: weights that give each lesion a confidence, and what that is worth.</summary>
internal static class CalibrateVerb
{
    private static readonly Option<string> Data = CommonOptions.Data();
    private static readonly Option<string> List = new("--list")
    {
        Description = "The list of the cases, one name a line; none that the network was trained on.",
        Required = true,
        HelpName = "LIST",
    };
    private static readonly Option<string?> Weights = CommonOptions.Weights();
    private static readonly Option<bool> Flips = new("--tta")
    {
        Description = "Calibrate for --tta: what is fitted without flips stays as it is.",
    };

    private static readonly Option<string> Output = CommonOptions.Output(
        $"The folder for {CalibrationSession.WeightsFileName}, {CalibrationSession.ReportFile} and {CalibrationSession.DiagramFile}.");
    private static readonly Option<long> Seed =
        new("--seed") { Description = "The seed of the halves.", DefaultValueFactory = _ => 41, HelpName = "S" };
    private static readonly Option<double> Specificity = CommonOptions.Fraction(new Option<double>("--specificity")
    {
        Description = "The fraction of healthy images in which no lesion is to be found; the list needs at least 20 of them.",
        DefaultValueFactory = _ => 0.95,
        HelpName = "P",
    });
    private static readonly ComputingOptions Computing = new();
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();
    private static readonly InputOptions Input = new();
    private static readonly GroupOptions Groups = new(": cases of one stay in one half");

    public static Command Create() => Verb.Create(
        "calibrate",
        "Give each lesion a confidence, the probability that it is right: calibrate weights on cases that they have not seen.",
        [
            Data, List, Weights, Flips, Output, Seed, Specificity, .. Computing.All, Overwrite, Json, .. Groups.Unit, .. Input.All,
        ],
        Run);

    private static int Run(ParseResult parsed, CancellationToken stop)
    {
        // Where it cannot be opened, that is all that is said.
        List<string> told = [];
        using CalibrationSession session = CalibrationSession.Open(new EvaluationOptions
        {
            Data = parsed.GetValue(Data)!,
            List = parsed.GetValue(List)!,
            Weights = [Input.Apply(parsed, NetworkWeights.Load(parsed.GetValue(Weights)), told.Add)],
            Flips = parsed.GetValue(Flips),
            Unit = Groups.ReadUnit(parsed),
            Backend = parsed.GetValue(Computing.Backend),
            Device = parsed.GetValue(Computing.Device)!,
            Threads = parsed.GetValue(Computing.Threads),
        });
        told.ForEach(Console.Error.WriteLine);
        string folder = parsed.GetValue(Output)!;
        using OutputFolder taken = OutputFolder.Open(folder, parsed.GetValue(Overwrite));
        CalibrationReport report = WorkProgress.Run("calibrating", "cases", work =>
            session.Run(folder, parsed.GetValue(Seed), parsed.GetValue(Specificity), new CaseReport(work), stop));
        if (report.KnownCases > 0)
        {
            Console.Error.WriteLine(
                $"warning: {report.KnownCases} of the {report.Cases} cases are known to these weights, from training or from the choice of "
                + "their epoch; on other images the confidences are too high");
        }

        if (parsed.GetValue(Json))
        {
            Console.WriteLine(report.ToJson());
        }
        else
        {
            Print(report);
            string which = parsed.GetValue(Flips) ? "calibration for --tta" : "calibration";
            Console.WriteLine($"The weights with the {which} are {Path.Combine(folder, CalibrationSession.WeightsFileName)}.");
        }

        return ExitStatus.Done;
    }

    private static void Print(CalibrationReport report)
    {
        Console.WriteLine($"{report.Lesions} lesions are {(report.IsOfAllLesions ? "found" : "outlined")} in {report.Cases} cases; "
            + $"the IoU of {report.Right} is at least {report.Calibration.LeastIou}.");
        for (int i = 0; i < report.Halves.Count; i++)
        {
            Reliability found = report.Halves[i].Reliability;
            Console.WriteLine(
                $"Fitted to {(i == 0 ? "the first half, judged on the second" : "the second half, judged on the first")}: "
                + $"expected calibration error {found.ExpectedCalibrationError:0.0 %} of {found.Lesions} lesions in "
                + $"{found.Bins.Count} bins (perfect calibration would show {found.ByChance:0.0 %} by chance, "
                + $"95th percentile {found.ByChance95:0.0 %}).");
        }

        if (report is { IsOfAllLesions: true, PresenceThreshold: not null })
        {
            Console.WriteLine("Too few of them lie in images above the presence threshold: the confidences are those of all.");
        }

        CalibrationHalvings halvings = report.Halvings;
        Console.WriteLine(
            $"Over {halvings.Count} other halvings: mean {halvings.MeanError:0.0 %} (by chance {halvings.MeanByChance:0.0 %}); "
                + $"at most 5 % both ways in {halvings.BothWithin5Percent:0 %} of them.");
        Console.WriteLine($"The mean probability itself, taken for a confidence: {report.MeanProbability.ExpectedCalibrationError:0.0 %}.");
        Console.WriteLine(report.Presence is { } presence
            ? $"Presence: no lesion is reported at or below {presence.Threshold.Score:0.00}, "
                + $"where {presence.HealthyAtOrBelow} of {presence.Threshold.HealthyImages} healthy images are "
                + $"(asked for: {presence.Threshold.Specificity:0.# %})"
                + (presence.Threshold.Sensitivity is { } sensitivity
                    ? $", and {1 - sensitivity:0.0 %} of those with a lesion (ROC area {presence.RocArea:0.000})"
                    : "")
                + (presence.SpecificityOnOtherHalf.Count == 0
                    ? "."
                    : $"; fitted to one half, {Both(presence.SpecificityOnOtherHalf, "0.0 %")} of the other half's healthy images.")
            : $"Presence: fewer than {PresenceReport.LeastHealthy} healthy images in the list, so no threshold is fitted"
                + (report.PresenceThreshold is null ? "." : "; that of the weights is kept."));
        if (report.Pixels is { } pixels)
        {
            Console.WriteLine(
                $"Pixels: expected calibration error {Both(pixels.ExpectedCalibrationErrors, "0.00 %")}; "
                    + $"with the other half's temperature ({Both(pixels.Temperatures, "0.00")}) "
                    + $"{Both(pixels.ErrorsWithTemperature, "0.00 %")}.");
        }
    }

    private static string Both(IReadOnlyList<double> values, string format) =>
        string.Join(" and ", values.Select(value => value.ToString(format)));
}
