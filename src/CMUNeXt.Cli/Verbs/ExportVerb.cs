using System.CommandLine;
using System.Security.Cryptography;
using CMUNeXt.Cli.Options;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Onnx;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>export</c>: weights in another program's format, by the ending of the output's name.</summary>
internal static class ExportVerb
{
    private static readonly Option<string?> Weights = CommonOptions.Weights();
    private static readonly Option<string?> Model = CommonOptions.ModelOfWeights();
    private static readonly Option<string> Output = new("--output")
    {
        Description = "The file to write: .onnx, .pth or .safetensors.",
        Required = true,
        HelpName = "FILE",
    };
    private static readonly InputOptions Input = new();
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();
    private static readonly Option<int?> Opset = new("--opset")
    {
        Description = $"ONNX: the operator set, from {OnnxExportOptions.MinimumOpset} to {OnnxExportOptions.MaximumOpset}. [default: "
            + $"{OnnxExportOptions.MaximumOpset}]",
        HelpName = "N",
    };

    private static readonly Option<int?> Batch = new("--batch")
    {
        Description = "ONNX: fix the number of images. [default: free]",
        HelpName = "N",
    };
    private static readonly Option<int?> Height = new("--height")
    {
        Description = "ONNX: fix the height, a multiple of 16 (of 32 for some networks). [default: free]",
        HelpName = "N",
    };
    private static readonly Option<int?> Width = new("--width")
    {
        Description = "ONNX: fix the width, a multiple of 16 (of 32 for some networks). [default: free]",
        HelpName = "N",
    };
    private static readonly Option<bool> WithPreprocessing = new("--preprocessing")
    {
        Description = "ONNX: from 8-bit pixels (N x H x W x 3, red, green, blue) to probabilities, "
            + "instead of from normalized images to logits.",
    };

    private static readonly Option<bool> FoldNormalization = new("--fold-normalization")
    {
        Description = "ONNX: fold normalizations into the convolutions beside them where that is exact: "
            + "faster, but the weights cannot be read back.",
    };

    public static Command Create() => Verb.Create(
        "export",
        "Write weights as an ONNX model, or as another kind of weight file.",
        [
            Weights, Model, Output, Overwrite, Opset, Batch, Height, Width, WithPreprocessing, FoldNormalization, .. Input.All,
        ],
        (parsed, _) => Run(parsed));

    private static int Run(ParseResult parsed)
    {
        string output = parsed.GetValue(Output)!;
        string ending = Path.GetExtension(output).ToLowerInvariant();
        OnnxExportOptions options = ReadOptions(parsed, ending);
        OutputFolder.CheckFile(output, parsed.GetValue(Overwrite), parsed.GetValue(Weights));
        LoadedWeights weights = NetworkWeights.Load(parsed.GetValue(Weights));
        NetworkDescription network = NetworkWeights.Describe(weights, parsed.GetValue(Model));
        if (ending == ".pth")
        {
            if (Input.All.FirstOrDefault(option => CommonOptions.IsGiven(parsed, option)) is { } lost)
            {
                throw new UsageException(
                    $"{lost.Name} cannot be kept in a .pth, which holds tensors alone; export to .safetensors or .onnx");
            }

            WeightsFile.Save(output, weights.State);
            WarnOfLostMetadata(weights, network);
        }
        else
        {
            weights = Input.Apply(parsed, weights);
            if (ending == ".onnx")
            {
                WriteOnnx(output, weights, options);
            }
            else
            {
                WeightsFile.Save(output, weights.State, weights.Describe(), weights.Entries);
            }
        }

        using FileStream written = File.OpenRead(output);
        Console.WriteLine($"{output}: {written.Length:N0} bytes, SHA-256 {Convert.ToHexStringLower(SHA256.HashData(written))}");
        return ExitStatus.Done;
    }

    private static void WriteOnnx(string output, LoadedWeights weights, OnnxExportOptions options)
    {
        WeightsMetadata metadata = weights.Describe();
        NetworkDescription network = metadata.Network;
        if (!OnnxFile.Supports(network))
        {
            throw new UsageException($"{network.Name} is not written as ONNX; export it to .pth or .safetensors");
        }

        Preprocessing input = metadata.Preprocessing;
        input = input with { Height = options.Height ?? input.Height, Width = options.Width ?? input.Width };
        if (NetworkCatalog.SizeOf(network.Name).FindFault(input.Width, input.Height) is { } fault)
        {
            throw new UsageException($"as ONNX, {network.Name} does not pad images: {fault}; fix another with --height and --width");
        }

        if (options.FoldNormalization && network.Configuration is null)
        {
            throw new UsageException($"--fold-normalization is for a CMUNeXt, not for {network.Name}");
        }

        // The file states a side that is fixed; what that leaves out is said here.
        weights = InputOptions.With(weights, input);
        try
        {
            OnnxFile.Write(output, weights.State, weights.Describe(), options);
            if (input.Letterbox)
            {
                Console.Error.WriteLine(
                    "note: this network sees images with black bars that keep their proportions, and a graph does not add these: "
                    + $"put bars in equal parts on both sides, to the proportions of {input.Width} x {input.Height}, before you resize.");
            }
        }
        catch (ArgumentException e)
        {
            throw new BadFileException(weights.Path, e.Message, e);
        }
    }

    private static OnnxExportOptions ReadOptions(ParseResult parsed, string ending)
    {
        if (ending is not (".onnx" or ".pth" or ".safetensors"))
        {
            throw new UsageException($"--output ends in .onnx, .pth or .safetensors, not '{ending}'");
        }

        Option[] onnxAlone = [Opset, Batch, Height, Width, WithPreprocessing, FoldNormalization];
        if (ending != ".onnx" && onnxAlone.FirstOrDefault(option => CommonOptions.IsGiven(parsed, option)) is { } given)
        {
            throw new UsageException($"{given.Name} is for .onnx, not for {ending}");
        }

        OnnxExportOptions options = new()
        {
            Opset = parsed.GetValue(Opset) ?? OnnxExportOptions.MaximumOpset,
            Batch = parsed.GetValue(Batch),
            Height = parsed.GetValue(Height),
            Width = parsed.GetValue(Width),
            Preprocessing = parsed.GetValue(WithPreprocessing),
            FoldNormalization = parsed.GetValue(FoldNormalization),
        };
        return options.FindFault() is { } fault ? throw new UsageException(fault) : options;
    }

    private static void WarnOfLostMetadata(LoadedWeights weights, NetworkDescription network)
    {
        if (weights.Metadata is not { } metadata)
        {
            return;
        }

        InputSize size = NetworkCatalog.SizeOf(network.Name);
        string[] lost =
        [
            .. network.Channels is 1 or 3
                && metadata.Preprocessing.Equals(Preprocessing.For(network.Channels) with { Width = size.Default, Height = size.Default })
                ? (string[])[] : ["preprocessing"],
            .. metadata.Threshold == 0.5 ? (string[])[] : ["threshold"],
            .. metadata.Classes.Count == 0 ? (string[])[] : ["names of the classes"],
            .. (metadata.Calibration ?? metadata.CalibrationWithFlips) is null
                ? (string[])[] : ["calibration, so lesions have no confidence"],
            .. (metadata.Presence ?? metadata.PresenceWithFlips) is null
                ? (string[])[] : ["presence threshold, so something is outlined in more healthy images"],
            .. metadata.VerticalFlips ? (string[])[] : ["that no image was shown upside down, so --tta does so"],
            .. metadata.TrainingCases is null ? (string[])[] : ["images of the training, so evaluate does not tell of them"],
        ];
        if (lost.Length > 0)
        {
            Console.Error.WriteLine(
                "warning: a .pth has no place for metadata: whoever reads it takes it to follow the published protocol; "
                    + $"lost are {string.Join(", ", lost)}");
        }
    }
}
