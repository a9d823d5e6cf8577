using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Options;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>forward</c>: raw logits of a raw tensor, to check against other programs.</summary>
internal static class ForwardVerb
{
    private static readonly Option<string?> Weights = CommonOptions.Weights();
    private static readonly Option<string?> Model = CommonOptions.ModelOfWeights();
    private static readonly Option<string> Input = new("--input")
    {
        Description = "An N x C x H x W array of normalized images (NumPy, float32).",
        Required = true,
        HelpName = "X.npy",
    };

    private static readonly Option<string> Output = new("--output")
    {
        Description = "The N x outputs x H x W logits (NumPy, float32).",
        Required = true,
        HelpName = "Y.npy",
    };

    private static readonly ComputingOptions Computing = new();
    private static readonly Option<bool> Overwrite = CommonOptions.Overwrite();

    public static Command Create() => Verb.Create(
        "forward",
        "Compute the network's output, logits, for a tensor: to check it against other programs.",
        [Weights, Model, Input, Output, .. Computing.All, Overwrite],
        (parsed, _) => Run(parsed));

    private static int Run(ParseResult parsed)
    {
        string target = parsed.GetValue(Output)!;
        OutputFolder.CheckFile(target, parsed.GetValue(Overwrite), parsed.GetValue(Input));
        LoadedWeights loaded = NetworkWeights.Load(parsed.GetValue(Weights));
        NetworkDescription description = NetworkWeights.Describe(loaded, parsed.GetValue(Model));
        string source = parsed.GetValue(Input)!;
        (int[] shape, float[] input) = NpyFile.ReadSingles(source);
        if (shape.Length != 4 || shape[1] != description.Channels || shape.Contains(0))
        {
            throw new BadFileException(
                source, $"has the shape [{string.Join(", ", shape)}], and N x {description.Channels} x H x W is needed");
        }

        InputSize size = NetworkCatalog.SizeOf(description.Name);
        long planes = (long)shape[0] * Math.Max(description.Channels, description.Outputs);
        if (planes * Math.Max(shape[2], size.Multiple) * Math.Max(shape[3], size.Multiple) > Array.MaxLength / 2)
        {
            throw new BadFileException(source, $"is too large: [{string.Join(", ", shape)}]; compute it in parts");
        }

        if (size.FindFault(size.RoundUp(shape[3]), size.RoundUp(shape[2])) is { } fault)
        {
            throw new BadFileException(source, $"does not suit {description.Name}: {fault}");
        }

        using Network network = BackendRegistry.Open(
            loaded, parsed.GetValue(Computing.Backend), parsed.GetValue(Computing.Threads), parsed.GetValue(Computing.Device)!);
        float[] logits = network.Forward(input, shape[0], shape[2], shape[3]);
        NpyFile.WriteSingles(target, [shape[0], description.Outputs, shape[2], shape[3]], logits);
        return ExitStatus.Done;
    }
}
