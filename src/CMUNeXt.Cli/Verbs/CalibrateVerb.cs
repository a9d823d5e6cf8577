using System.CommandLine;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Training.Calibration;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>calibrate</c>: weights that give each lesion a confidence, and what that is worth.</summary>
internal static class CalibrateVerb
{
    public static Command Create()
    {
        Option<string> data = CommonOptions.Data();
        Option<string> list = new("--list")
        {
            Description = "The list of the cases, one name a line; none that the network was trained on.",
            Required = true,
            HelpName = "LIST",
        };
        Option<string?> weights = CommonOptions.Weights();
        Option<string> output = CommonOptions.Output(
            $"The folder for {CalibrationSession.WeightsFileName}, {CalibrationSession.ReportFile} and {CalibrationSession.DiagramFile}.");
        Option<long> seed = new("--seed") { Description = "The seed of the halves.", DefaultValueFactory = _ => 41, HelpName = "S" };
        Option<double> specificity = new("--specificity")
        {
            Description = "The fraction of healthy images in which no lesion is to be found; the list needs at least 20 of them.",
            DefaultValueFactory = _ => 0.95,
            HelpName = "P",
        };
        Option<string?> backend = CommonOptions.Backend();
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> overwrite = CommonOptions.Overwrite();
        Option<bool> json = CommonOptions.Json();
        Command command = new("calibrate",
            "Give each lesion a confidence, the probability that it is right: calibrate weights on cases that they have not seen.")
        {
            data, list, weights, output, seed, specificity, backend, device, threads, overwrite, json,
        };
        InputOptions input = new();
        GroupOptions groups = new();
        foreach (Option option in (Option[])[.. groups.Unit, .. input.All])
        {
            command.Add(option);
        }

        command.SetAction((parsed, stop) =>
        {
            if (!(parsed.GetValue(specificity) is > 0 and < 1))
            {
                throw new UsageException($"--specificity is above 0 and below 1, not {parsed.GetValue(specificity)}");
            }

            // Where it cannot be opened, that is all that is said.
            List<string> told = [];
            using CalibrationSession session = CalibrationSession.Open(new EvaluationOptions
            {
                Data = parsed.GetValue(data)!,
                List = parsed.GetValue(list)!,
                Weights = [input.Apply(parsed, NetworkWeights.Load(parsed.GetValue(weights)), told.Add)],
                Unit = groups.ReadUnit(parsed),
                Backend = parsed.GetValue(backend),
                Device = parsed.GetValue(device)!,
                Threads = parsed.GetValue(threads),
            });
            told.ForEach(Console.Error.WriteLine);
            string folder = parsed.GetValue(output)!;
            using OutputFolder taken = OutputFolder.Open(folder, parsed.GetValue(overwrite));
            CalibrationReport report = WorkProgress.Run("calibrating", "cases", work =>
                session.Run(folder, parsed.GetValue(seed), parsed.GetValue(specificity), new CaseReport(work), stop));
            if (parsed.GetValue(json))
            {
                Console.WriteLine(report.ToJson());
            }
            else
            {
                Print(report);
                Console.WriteLine($"The weights with the calibration are {Path.Combine(folder, CalibrationSession.WeightsFileName)}.");
            }

            return Task.FromResult(ExitStatus.Done);
        });
        return command;
    }

    private static void Print(CalibrationReport report)
    {
        if (report.KnownCases > 0)
        {
            Console.Error.WriteLine(
                $"warning: {report.KnownCases} of the {report.Cases} cases are known to these weights, from training or from the choice of "
                + "their epoch; on other images the confidences are too high");
        }

        Console.WriteLine($"{report.Lesions} lesions are {(report.IsOfAllLesions ? "found" : "outlined")} in {report.Cases} cases; "
            + $"the IoU of {report.Right} is at least {report.Calibration.LeastIou}.");
        for (int i = 0; i < report.Halves.Count; i++)
        {
            Reliability found = report.Halves[i].Reliability;
            Console.WriteLine(
                $"Fitted to {(i == 0 ? "the first half, judged on the second" : "the second half, judged on the first")}: "
                + $"expected calibration error {found.ExpectedCalibrationError:0.0 %} over {found.Bins.Count} bins of "
                + $"{found.Lesions} lesions "
                + $"(perfect calibration would show {found.ByChance:0.0 %} by chance, 95th percentile {found.ByChance95:0.0 %}).");
        }

        if (report is { IsOfAllLesions: true, PresenceThreshold: not null })
        {
            Console.WriteLine("Too few of them lie in images above the threshold of presence: the confidences are those of all.");
        }

        CalibrationHalvings halvings = report.Halvings;
        Console.WriteLine(
            $"Over {halvings.Count} other halvings: mean {halvings.MeanError:0.0 %} (by chance {halvings.MeanByChance:0.0 %}); "
                + $"at most 5 % both ways in {halvings.BothWithin5Percent:0 %} of them.");
        Console.WriteLine($"The mean probability itself, taken for a confidence: {report.MeanProbability.ExpectedCalibrationError:0.0 %}.");
        Console.WriteLine(report.Presence is { } presence
            ? $"Presence: no lesion is reported at or below {presence.Threshold.Score:0.00}, "
                + $"where {presence.Threshold.Specificity:0.# %} of {presence.Threshold.HealthyImages} healthy images are"
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
