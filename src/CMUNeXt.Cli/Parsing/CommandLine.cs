using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Verbs;

namespace CMUNeXt.Cli.Parsing;

/// <summary>The whole command line: every verb with its options.</summary>
internal static class CommandLine
{
    /// <summary>The command <c>cmunext</c>.</summary>
    public static RootCommand Root { get; } = Create();

    /// <summary>Reads arguments. A name that begins with @ is a name, not a file of further arguments.</summary>
    public static ParseResult Parse(IReadOnlyList<string> arguments) =>
        Root.Parse(EarlierOptions.Renamed(arguments), new ParserConfiguration { ResponseFileTokenReplacer = null });

    private static RootCommand Create()
    {
        RootCommand root = new("Find lesions in medical images, and train networks that do: from preparing data to a service.")
        {
            PrepareVerb.Create(),
            CopiesVerb.Create(),
            SplitVerb.Create(),
            TrainVerb.Create(),
            EvaluateVerb.Create(),
            CompareVerb.Create(),
            SweepVerb.Create(),
            CalibrateVerb.Create(),
            PredictVerb.Create(),
            MergeVerb.Create(),
            DicomVerb.Create(),
            ServeVerb.Create(),
            ForwardVerb.Create(),
            ExportVerb.Create(),
            InfoVerb.Create(),
            WeightsVerb.Create(),
            BenchmarkVerb.Create(),
            SuiteVerb.Create(),
            BenchmarkWorkerVerb.Create(),
            PhantomVerb.Create(),
            BackendVerb.Create(),
            CommonOptions.Verbose,
        };
        OptionValues.Bind(root);
        return root;
    }
}
