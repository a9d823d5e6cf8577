using System.CommandLine;
using System.Text.Json;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Files;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>prepare</c>: from a published folder tree, or any images with masks, to the layout that all other verbs read.</summary>
internal static class PrepareVerb
{
    private static readonly Option<string> Output = CommonOptions.Output("The folder to make the prepared data set in.");
    private static readonly Option<bool> SkipRefused = new("--skip-refused")
    {
        Description = "Write the data set without the images that are refused, instead of writing nothing.",
    };
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create() =>
        new("prepare", "Bring a data set into the layout that all other verbs read, and report everything odd.")
    {
        CreateBusi(),
        CreatePairs(),
        CreateMerge(),
    };

    private static Command CreateBusi()
    {
        Option<string> source = new("--source")
        {
            Description = "The published folder with benign, malignant and normal in it.",
            Required = true,
            HelpName = "DIR",
        };
        Command command = new("busi", "Prepare the breast ultrasound data set BUSI as it is published.")
        {
            source, Output, SkipRefused, Overwrite, Json,
        };
        command.SetAction((parsed, stop) =>
        {
            BusiPreparationOptions options = new()
            {
                Source = parsed.GetValue(source)!,
                Output = parsed.GetValue(Output)!,
                SkipRefused = parsed.GetValue(SkipRefused),
                Overwrite = parsed.GetValue(Overwrite),
            };
            return Task.FromResult(Run(parsed, progress => BusiPreparation.Run(options, progress, stop)));
        });
        return command;
    }

    private static Command CreatePairs()
    {
        Option<string> images = new("--images") { Description = "The folder of images.", Required = true, HelpName = "DIR" };
        Option<string> masks = new("--masks")
        {
            Description = "The folder of masks; the mask of NAME.jpg is called NAME, with any ending.", Required = true, HelpName = "DIR",
        };
        Option<string> suffix = new("--mask-suffix")
        {
            Description = "What follows the image's stem in its mask's name, such as _mask.",
            DefaultValueFactory = _ => "",
            HelpName = "TEXT",
        };
        Option<string?> labels = new("--labels")
        {
            Description = "Masks are label maps with these gray values as classes: 1,2 or 1=benign,2=malignant or 1+2=lesion.",
            HelpName = "LIST",
        };
        Option<string?> colors = new("--colors")
        {
            Description = "Masks are colored, black is background: 00FF00=benign,FF0000=malignant; equal names are one class.",
            HelpName = "LIST",
        };
        Option<bool> resize = new("--resize-masks")
        {
            Description = "Scale a mask of another size than its image, by the nearest pixel, instead of refusing it.",
        };
        Command command = new("pairs", "Prepare a folder of images and a folder of masks.")
        {
            images, masks, suffix, labels, colors, resize, Output, SkipRefused, Overwrite, Json,
        };
        command.SetAction((parsed, stop) =>
        {
            PairsPreparationOptions options = new()
            {
                Images = parsed.GetValue(images)!,
                Masks = parsed.GetValue(masks)!,
                Output = parsed.GetValue(Output)!,
                MaskSuffix = parsed.GetValue(suffix)!,
                Labels = ParseClasses(parsed.GetValue(labels), "--labels", MaskClass.ParseLabels),
                Colors = ParseClasses(parsed.GetValue(colors), "--colors", MaskClass.ParseColors),
                ResizeMasks = parsed.GetValue(resize),
                SkipRefused = parsed.GetValue(SkipRefused),
                Overwrite = parsed.GetValue(Overwrite),
            };
            if (options.Labels is not null && options.Colors is not null)
            {
                throw new UsageException("--labels and --colors exclude each other");
            }

            if (options.MaskSuffix.Length == 0 && RealPath.AreSame(options.Images, options.Masks))
            {
                throw new UsageException("images and masks in one folder need --mask-suffix, which tells the masks");
            }

            return Task.FromResult(Run(parsed, progress => PairsPreparation.Run(options, progress, stop)));
        });
        return command;
    }

    private static Command CreateMerge()
    {
        Option<string[]> data = new("--data")
        {
            Description = "The prepared data sets to put together.",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
            CustomParser = OptionValues.FileNames,
            Arity = new ArgumentArity(1, 100),
            HelpName = "DIR DIR...",
        };
        Command command = new("merge", "Put several prepared data sets into one; the names of the cases stay, so their lists remain valid.")
        {
            data, Output, Overwrite,
        };
        command.SetAction((parsed, stop) =>
        {
            string[] sources = parsed.GetValue(data)!;
            if (sources.Length < 2)
            {
                throw new UsageException("one data set is merged with nothing: name a second one behind it");
            }

            string output = parsed.GetValue(Output)!;
            IReadOnlyList<int> counts = WorkProgress.Run("merging", "cases", work => MergedDataSets.Write(
                sources, output, parsed.GetValue(Overwrite),
                new Callback<PreparationProgress>(progress => work.Report(progress.Done, progress.Total)), stop));
            int cases = counts.Sum();
            Console.WriteLine($"{Quantity.Of(cases, "case")} {(cases == 1 ? "is" : "are")} in {output}: "
                + $"{string.Join(", ", sources.Zip(counts, (source, count) => $"{count} of {source}"))}.");
            return Task.FromResult(ExitStatus.Done);
        });
        return command;
    }

    private static int Run(ParseResult parsed, Func<IProgress<PreparationProgress>, PreparationReport> prepare)
    {
        PreparationReport report = WorkProgress.Run("preparing", "images", work =>
            prepare(new Callback<PreparationProgress>(progress => work.Report(progress.Done, progress.Total))));
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(report.ToJson());
        }
        else
        {
            Print(report, parsed.GetValue(Output)!);
        }

        foreach (IGrouping<FindingKind, PreparationFinding> kind in report.Problems.GroupBy(problem => problem.Kind))
        {
            const int Shown = 10;
            foreach (PreparationFinding problem in kind.Take(Shown))
            {
                Console.Error.WriteLine($"cmunext: {PrintableText.Of(problem.File)}: {PrintableText.Of(problem.Text)}");
            }

            if (kind.Count() > Shown)
            {
                Console.Error.WriteLine(
                    $"cmunext: and {kind.Count() - Shown} more like these; {WhereAllAre(report, parsed.GetValue(Output)!)}");
            }
        }

        if (report.IsWritten)
        {
            return ExitStatus.Done;
        }

        string why = report.Cases == 0
            ? "no image became a case, so nothing was written; what stood there is untouched"
            : "files were refused, so nothing was written, and what stood there is untouched; correct them, or give "
                + $"{SkipRefused.Name} to go on with the {Quantity.Of(report.Cases, "other case")}";
        Console.Error.WriteLine($"cmunext: {PrintableText.Of(parsed.GetValue(Output)!)}: {why}");
        return ExitStatus.Failed;
    }

    private static void Print(PreparationReport report, string output)
    {
        Console.WriteLine($"{Quantity.Of(report.Images, "image")}{Types(report.ImageTypes!)}, "
            + $"{Quantity.Of(report.Masks, "mask")}{Types(report.MaskTypes!)}.");
        if (report.IsWritten)
        {
            Console.WriteLine(
                $"{output}: {Quantity.Of(report.Cases, "case")}, {report.MergedCases} with several masks, merged by maximum.");
        }

        if (report is { IsWritten: true, EmptyCases: > 0 })
        {
            Console.WriteLine($"{Quantity.Of(report.EmptyCases, "healthy case")}, in the list normal.txt.");
        }

        if (report is { IsWritten: true, ClassCases: { } counts })
        {
            string[] classes = [.. counts.Select((count, c) => $"{report.ClassNames?[c] ?? $"class {c + 1}"} {count}")];
            Console.WriteLine($"Cases that hold each class: {string.Join(", ", classes)}.");
        }

        foreach (IGrouping<FindingKind, PreparationFinding> kind in report.Remarks.GroupBy(remark => remark.Kind))
        {
            const int Shown = 3;
            Console.WriteLine($"{kind.Count()} x {Words(kind.Key)}:");
            foreach (PreparationFinding remark in kind.Take(Shown))
            {
                Console.WriteLine($"  {PrintableText.Of(remark.File)}: {PrintableText.Of(remark.Text)}");
            }

            if (kind.Count() > Shown)
            {
                Console.WriteLine($"  ... and {kind.Count() - Shown} more; {WhereAllAre(report, output)}");
            }
        }
    }

    private static string WhereAllAre(PreparationReport report, string output) =>
        report.IsWritten ? $"all are in {Path.Combine(output, "prepare.json")}" : "--json prints all";

    // SizeDiffers becomes "size differs".
    private static string Words(FindingKind kind) => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()).Replace('_', ' ');

    // None where no file could be read.
    private static string Types(IReadOnlyDictionary<string, int> types) =>
        types.Count == 0 ? "" : $" ({string.Join(", ", types.Select(type => $"{type.Value} {type.Key}"))})";

    private static IReadOnlyList<MaskClass>? ParseClasses(string? text, string option, Func<string, IReadOnlyList<MaskClass>> parse)
    {
        try
        {
            return text is null ? null : parse(text);
        }
        catch (FormatException e)
        {
            throw new UsageException($"{option}: {e.Message}");
        }
    }
}
