using System.CommandLine;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Training.Calibration;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>calibrate</c>: weights that say of each lesion how sure it is, and what that is worth.</summary>
internal static class CalibrateVerb
{
    public static Command Create()
    {
        Option<string> data = CommonOptions.Data();
        Option<string> list = new("--list") { Description = "The list of the cases, one name a line; none that the network was trained on.", Required = true, HelpName = "LIST" };
        Option<string?> weights = CommonOptions.Weights();
        Option<string> output = CommonOptions.Output($"The folder for {CalibrationSession.WeightsFileName}, {CalibrationSession.ReportFile} and {CalibrationSession.DiagramFile}.");
        Option<long> seed = new("--seed") { Description = "The seed of the halves.", DefaultValueFactory = _ => 41, HelpName = "S" };
        Option<string?> backend = CommonOptions.Backend();
        Option<string> device = CommonOptions.Device();
        Option<int?> threads = CommonOptions.Threads();
        Option<bool> overwrite = CommonOptions.Overwrite();
        Option<bool> json = CommonOptions.Json();
        Command command = new("calibrate", "Find out how often lesions are right that a network is so sure of, and write weights that say it of each lesion.")
        {
            data, list, weights, output, seed, backend, device, threads, overwrite, json,
        };
        command.SetAction((parsed, stop) =>
        {
            using CalibrationSession session = CalibrationSession.Open(new EvaluationOptions
            {
                Data = parsed.GetValue(data)!,
                List = parsed.GetValue(list)!,
                Weights = NetworkWeights.Load(parsed.GetValue(weights)),
                Backend = parsed.GetValue(backend),
                Device = parsed.GetValue(device)!,
                Threads = parsed.GetValue(threads),
            });
            string folder = parsed.GetValue(output)!;
            OutputFolder.Open(folder, parsed.GetValue(overwrite));
            CalibrationReport report = WorkProgress.Run("calibrating", "cases", work =>
                session.Run(folder, parsed.GetValue(seed), new CaseReport(work), stop));
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
        Console.WriteLine($"{report.Lesions} lesions were found in {report.Cases} cases; the IoU of {report.Right} is at least {report.Calibration.LeastIou}.");
        for (int i = 0; i < report.Halves.Count; i++)
        {
            Reliability found = report.Halves[i].Reliability;
            Console.WriteLine(
                $"Fitted to {(i == 0 ? "the first half, judged on the second" : "the second half, judged on the first")}: expected calibration error {found.ExpectedCalibrationError:0.0 %} over {found.Bins.Count} bins of {found.Lesions} lesions "
                + $"(perfect calibration would show {found.ByChance:0.0 %} by chance, 95th percentile {found.ByChance95:0.0 %}).");
        }

        CalibrationHalvings halvings = report.Halvings;
        Console.WriteLine(
            $"Over {halvings.Count} other halvings: mean {halvings.MeanError:0.0 %} (by chance {halvings.MeanByChance:0.0 %}); at most 5 % both ways in {halvings.BothWithin5Percent:0 %} of them.");
        Console.WriteLine($"The mean probability itself, taken for a confidence: {report.MeanProbability.ExpectedCalibrationError:0.0 %}.");
        if (report.Pixels is { } pixels)
        {
            Console.WriteLine(
                $"Pixels: expected calibration error {Both(pixels.ExpectedCalibrationErrors, "0.00 %")}; with the other half's temperature ({Both(pixels.Temperatures, "0.00")}) {Both(pixels.ErrorsWithTemperature, "0.00 %")}.");
        }
    }

    private static string Both(IReadOnlyList<double> values, string format) => string.Join(" and ", values.Select(value => value.ToString(format)));
}
