using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Cli.Options;
using CMUNeXt.Cli.Terminal;
using CMUNeXt.Networks;
using CMUNeXt.Weights;
using Spectre.Console;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>info</c>: what a network, or a weight file, is.</summary>
internal static class InfoVerb
{
    private const int MostPixels = 65536;

    private static readonly Option<string?> Model = CommonOptions.Model();
    private static readonly Option<string?> Weights = new("--weights")
    {
        Description = $"A weight file, or a name of \"cmunext weights\". [default, without --model: {NamedWeights.Default}]",
        HelpName = "FILE|NAME",
    };

    private static readonly Option<int> Channels = new("--channels")
    {
        Description = "The channels of the input, for --model.",
        DefaultValueFactory = _ => 3,
        HelpName = "N",
    };

    private static readonly Option<int> Outputs = new("--outputs")
    {
        Description = "The channels of the logits, for --model.",
        DefaultValueFactory = _ => 1,
        HelpName = "N",
    };

    private static readonly Option<int?> Size = new("--size")
    {
        Description = "Count multiply-accumulates for an image of N x N. [default: the network's own, 256 for most]",
        HelpName = "N",
    };

    private static readonly AblationOptions Ablations = new();
    private static readonly Option<bool> Json = CommonOptions.Json();

    public static Command Create() => Verb.Create(
        "info",
        "Describe a network or a weight file: parameters, multiply-accumulates, layers, metadata, SHA-256.",
        [Model, Weights, Channels, Outputs, Size, Json, .. Ablations.All],
        (parsed, _) => Run(parsed));

    private static int Run(ParseResult parsed)
    {
        string? file = parsed.GetValue(Weights);
        string? name = parsed.GetValue(Model);
        if ((file is not null || name is null)
            && ((Option[])[Channels, Outputs]).FirstOrDefault(option => CommonOptions.IsGiven(parsed, option)) is { } other)
        {
            throw new UsageException($"{other.Name} is for --model; a weight file brings its own");
        }

        LoadedWeights? loaded = file is null && name is not null ? null : NetworkWeights.Load(file);
        NetworkDescription network = loaded is null
            ? Describe(name!, parsed.GetValue(Channels), parsed.GetValue(Outputs))
            : NetworkWeights.Describe(loaded, name);
        network = Ablations.Apply(parsed, network, fromFile: loaded is not null);
        InputSize sizes = NetworkCatalog.SizeOf(network.Name);
        int pixels = parsed.GetValue(Size) ?? sizes.Default;
        if (pixels > MostPixels)
        {
            throw new UsageException($"--size is at most {MostPixels}, not {pixels}");
        }

        if (sizes.FindFault(pixels, pixels) is { } fault)
        {
            throw new UsageException($"--size: {fault}");
        }

        NetworkFacts facts = NetworkFacts.Of(network, loaded, pixels);
        if (parsed.GetValue(Json))
        {
            Console.WriteLine(ResultJson.ToDocument(facts));
        }
        else
        {
            Print(facts, loaded);
        }

        return ExitStatus.Done;
    }

    private static NetworkDescription Describe(string name, int channels, int outputs)
    {
        try
        {
            return NetworkCatalog.Describe(name, channels, outputs);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName($"{value}");

    // Nobody reads the names of a thousand images.
    private static JsonNode Shorten(JsonNode metadata)
    {
        if (metadata["known_cases"] is JsonObject known)
        {
            foreach ((string name, JsonNode? images) in known.ToArray())
            {
                known[name] = $"{images!.AsArray().Count} images; --json names them";
            }
        }

        return metadata;
    }

    private static void Print(NetworkFacts facts, LoadedWeights? loaded)
    {
        NetworkDescription network = facts.Network;
        Console.WriteLine($"{network.Name}: {network.Channels} channels in, {network.Outputs} out");
        if (network.Configuration is { } configuration)
        {
            Console.WriteLine($"dims {string.Join(", ", configuration.Dims)}; depths {string.Join(", ", configuration.Depths)}; "
                + $"kernels {string.Join(", ", configuration.Kernels)}");
            if (!configuration.IsPublishedForm)
            {
                Console.WriteLine(
                    $"block {Name(configuration.Block)}; fusion {Name(configuration.Fusion)}; order {Name(configuration.Order)}");
            }
        }

        Console.WriteLine($"{facts.Parameters:N0} parameters");
        Console.WriteLine($"{facts.ConvolutionMacs / 1e9:0.000} G multiply-accumulates in its convolutions and linear layers at "
            + $"{facts.Size} x {facts.Size}, "
            + $"{facts.AllMacs / 1e9:0.000} G as the published figures count (normalization and upsampling too)");
        if (loaded is not null)
        {
            Console.WriteLine($"file: {loaded.Path}");
            Console.WriteLine($"SHA-256: {loaded.Sha256}");
            Console.WriteLine(facts.Metadata is { } metadata
                ? $"metadata: {ResultJson.ToDocument(Shorten(metadata.DeepClone()))}"
                : "metadata: none; it is taken to follow the published protocol");
        }

        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumns("layer", "computes", "in", "out", "kernel", "groups", "parameters", "M MACs");
        foreach (LayerFacts layer in facts.Layers)
        {
            table.AddRow(
                Markup.Escape(layer.Name), layer.Kind, $"{layer.Input}", $"{layer.Output}", $"{layer.Kernel}", $"{layer.Groups}",
                $"{layer.Parameters:N0}", $"{layer.Macs / 1e6:0.0}");
        }

        UnbrokenTable.Write(table);
        if (facts.Ablations is { } ablations)
        {
            Table costs = new Table().Border(TableBorder.Simple);
            costs.AddColumns("what an ablation costs", "parameters", "G MACs", "G as published");
            foreach (AblationFacts ablation in ablations)
            {
                costs.AddRow(
                    ablation.Name, $"{ablation.Parameters:N0}", $"{ablation.ConvolutionMacs / 1e9:0.000}",
                    $"{ablation.AllMacs / 1e9:0.000}");
            }

            UnbrokenTable.Write(costs);
        }
    }
}
