using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Training.Phantoms;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>phantom</c>: a synthetic data set, to try everything without real data.</summary>
internal static class PhantomVerb
{
    // The names of all files are listed before the first is written.
    private const int MostCases = 1_000_000;

    public static Command Create()
    {
        Option<string> output = CommonOptions.Output("The data set's folder, with images, masks and lists.");
        Option<int?> count = CommonOptions.Within(2, MostCases, new Option<int?>("--count")
        {
            Description = "The number of cases.",
            DefaultValueFactory = _ => 100,
            HelpName = "N",
        });
        Option<ulong> seed = new("--seed") { Description = "The seed.", DefaultValueFactory = _ => 1, HelpName = "S" };
        Option<bool> overwrite = CommonOptions.Overwrite();
        return Verb.Create(
            "phantom",
            "Make a synthetic ultrasound data set with exact masks, prepared, with its lists.",
            [output, count, seed, overwrite],
            (parsed, stop) =>
            {
                string folder = parsed.GetValue(output)!;
                int cases = parsed.GetValue(count)!.Value;
                using OutputFolder taken = OutputFolder.Open(folder, parsed.GetValue(overwrite));
                WorkProgress.Run("making phantoms", "images", work =>
                    PhantomDataSet.Write(folder, cases, parsed.GetValue(seed), new Callback<int>(done => work.Report(done, cases)), stop));
                Console.WriteLine(
                    $"{Quantity.Of(cases, "case")} {(cases == 1 ? "is" : "are")} in {folder}, with all.txt, train.txt and val.txt.");
                return ExitStatus.Done;
            });
    }
}
