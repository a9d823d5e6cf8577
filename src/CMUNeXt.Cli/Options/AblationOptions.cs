using System.CommandLine;
using CMUNeXt.Files;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli.Options;

/// <summary>The options that change how a CMUNeXt is built, away from its published form.</summary>
internal sealed class AblationOptions
{
    private static readonly Dictionary<string, EncoderBlock> Blocks = new()
    {
        ["large-kernel"] = EncoderBlock.LargeKernel,
        ["plain"] = EncoderBlock.Plain,
    };

    private static readonly Dictionary<string, FusionBlock> Fusions = new()
    {
        ["skip-fusion"] = FusionBlock.SkipFusion,
        ["plain"] = FusionBlock.Plain,
    };

    private static readonly Dictionary<string, LayerOrder> Orders = new()
    {
        ["activation-first"] = LayerOrder.ActivationFirst,
        ["normalization-first"] = LayerOrder.NormalizationFirst,
    };

    private readonly Option<string?> block = CommonOptions.OneOf(
        new Option<string?>("--block")
        {
            Description = "The encoder of a CMUNeXt: large-kernel, or plain, whose convolutions are 3 x 3 without --kernels. [default: "
                + "large-kernel]",
            HelpName = "NAME",
        },
        [.. Blocks.Keys]);

    private readonly Option<string?> fusion = CommonOptions.OneOf(
        new Option<string?>("--fusion")
        {
            Description = "The skips of a CMUNeXt: skip-fusion, or plain, which concatenates and convolves once. [default: skip-fusion]",
            HelpName = "NAME",
        },
        [.. Fusions.Keys]);

    private readonly Option<string?> order = CommonOptions.OneOf(
        new Option<string?>("--order")
        {
            Description = "What comes first in a CMUNeXt: activation-first (GELU), or normalization-first. [default: activation-first]",
            HelpName = "NAME",
        },
        [.. Orders.Keys]);

    private readonly Option<string?> kernels = new("--kernels")
    {
        Description = "The kernels of a CMUNeXt's five levels: K for all, or K,K,K,K,K, odd. [default: the variant's own]",
        HelpName = "K",
    };

    private readonly Option<string?> dims = new("--dims")
    {
        Description = "The channels of a CMUNeXt's five levels: D,D,D,D,D. [default: the variant's own]",
        HelpName = "D,...",
    };

    private readonly Option<string?> depths = new("--depths")
    {
        Description = "The large-kernel blocks of a CMUNeXt's five levels: N for all, or N,N,N,N,N. [default: the variant's own]",
        HelpName = "N,...",
    };

    /// <summary>The options, to be added to a command.</summary>
    public IReadOnlyList<Option> All => [block, fusion, order, kernels, dims, depths];

    /// <summary>Changes a network as the options ask for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="network">A network by its name.</param>
    /// <param name="fromFile">Whether the network is that of a weight file, which has its form already.</param>
    /// <exception cref="UsageException">The network cannot be changed so.</exception>
    public NetworkDescription Apply(ParseResult parsed, NetworkDescription network, bool fromFile)
    {
        if (All.FirstOrDefault(option => CommonOptions.IsGiven(parsed, option)) is not { } given)
        {
            return network;
        }

        if (fromFile || network.Configuration is not { } configuration)
        {
            throw new UsageException(fromFile
                ? $"{given.Name} is for a new network; the weight file says how its own is built"
                : $"{given.Name} is for a CMUNeXt, not for {network.Name}");
        }

        EncoderBlock? encoder = CommonOptions.Meaning(parsed, block, Blocks);
        configuration = configuration with
        {
            Block = encoder ?? configuration.Block,
            Fusion = CommonOptions.Meaning(parsed, fusion, Fusions) ?? configuration.Fusion,
            Order = CommonOptions.Meaning(parsed, order, Orders) ?? configuration.Order,
            Kernels = parsed.GetValue(kernels) is { } text ? ParseLevels("--kernels", text)
                : encoder == EncoderBlock.Plain ? ParseLevels("--kernels", "3")
                : configuration.Kernels,
            Dims = parsed.GetValue(dims) is { } channels ? ParseLevels("--dims", channels) : configuration.Dims,
            Depths = parsed.GetValue(depths) is { } blocks ? ParseLevels("--depths", blocks) : configuration.Depths,
        };
        try
        {
            configuration.Validate();
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }

        return network with { Configuration = configuration };
    }

    private static int[] ParseLevels(string option, string text)
    {
        int[] values = [.. text.Split(',').Select(part => Number.TryParse(part, out int value)
            ? value
            : throw new UsageException($"{option} is one whole number, or {CMUNeXtConfiguration.Levels} with commas, not '{text}'"))];
        return values.Length == 1 ? [.. Enumerable.Repeat(values[0], CMUNeXtConfiguration.Levels)] : values;
    }
}
