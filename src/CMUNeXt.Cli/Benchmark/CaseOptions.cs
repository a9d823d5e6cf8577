using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Backends;
using CMUNeXt.Cli.Options;
using CMUNeXt.Networks;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>The options that say what a benchmark sets side by side.</summary>
internal sealed class CaseOptions
{
    private static readonly string[] CMUNeXts =
    [
        .. NetworkCatalog.Names.Where(name => NetworkCatalog.Describe(name).Configuration is not null),
    ];

    private readonly Option<string[]> models = CommonOptions.List<string>(
        "--models", $"The networks: {string.Join(", ", NetworkCatalog.Names)}. [default: {string.Join(",", CMUNeXts)}]", "NAME,...");

    private readonly Option<string[]> backends = CommonOptions.List<string>(
        "--backends",
        $"The backends; the others are compared with the first: {string.Join(", ", Contenders.Names)}. "
        + $"[default: those of {string.Join(",", Contenders.Defaults)} that compute the network]",
        "NAME,...");

    private readonly Option<int[]> sizes = CommonOptions.List<int>(
        "--sizes", "Heights and widths of the images, multiples of 16. [default: the network's own, 256 for most]", "N,...");

    private readonly Option<int[]> batch = CommonOptions.List<int>("--batch", "Images in a call. [default: 1]", "N,...");

    /// <summary>The weight file, which the job of predict takes too.</summary>
    public Option<string?> Weights { get; } = new("--weights")
    {
        Description = "Measure the network of a weight file, or of a name of \"cmunext weights\", instead of --models with weights made by "
            + "a formula.",
        HelpName = "FILE|NAME",
    };

    /// <summary>The numbers of threads, of which the job of predict takes one.</summary>
    public Option<int[]> Threads { get; } = CommonOptions.List<int>(
        "--threads", "Numbers of threads. [default: 1, and one for each core]", "N,...");

    /// <summary>The options, to be added to a command.</summary>
    public IReadOnlyList<Option> All => [models, Weights, backends, Threads, sizes, batch];

    /// <summary>Those that the job of predict does not take.</summary>
    public IReadOnlyList<Option> OfNoJob => [models, backends, sizes, batch];

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="steps">Whether the steps of the managed engine are timed.</param>
    /// <returns>The cases, and the backends of each network, by its name.</returns>
    /// <exception cref="UsageException">Some do not belong together, or a value is not possible.</exception>
    public (BenchmarkCase[] Cases, Dictionary<string, string[]> Backends) Read(ParseResult parsed, bool steps)
    {
        int[] batches = CommonOptions.GivenOnce(parsed, batch) ?? [1];
        if (steps && CommonOptions.IsGiven(parsed, backends))
        {
            throw new UsageException("--steps is for the managed engine alone, without --backends");
        }

        if (steps && !batches.SequenceEqual([1]))
        {
            throw new UsageException("--steps times one image, without --batch");
        }

        IReadOnlyList<NetworkDescription> networks = ReadNetworks(parsed);
        Dictionary<string, string[]> contenders = ReadBackends(parsed, networks, steps);
        int[] threads = CommonOptions.GivenOnce(parsed, Threads) ?? [.. new[] { 1, Environment.ProcessorCount }.Distinct()];
        return (
            BenchmarkCases.Of(networks, parsed.GetValue(Weights), CommonOptions.GivenOnce(parsed, sizes), batches, threads), contenders);
    }

    private IReadOnlyList<NetworkDescription> ReadNetworks(ParseResult parsed)
    {
        string[]? named = CommonOptions.GivenOnce(parsed, models);
        return parsed.GetValue(Weights) is not { } weights ? BenchmarkCases.Networks(named ?? CMUNeXts)
            : named is null ? [NetworkWeights.Describe(NetworkWeights.Load(weights), null)]
            : throw new UsageException("--weights brings its own network: give it without --models");
    }

    private Dictionary<string, string[]> ReadBackends(ParseResult parsed, IReadOnlyList<NetworkDescription> networks, bool steps)
    {
        string[]? given = steps ? [Contenders.Names[0]] : CommonOptions.GivenOnce(parsed, backends);
        OptionalBackend? missing = OptionalBackend.All.FirstOrDefault(
            one => !BackendRegistry.Names.Contains(one.Name) && one.Variants.Intersect(given ?? []).Any());
        if (missing is not null)
        {
            throw new UsageException($"--backends: the {missing.Name} backend is not installed: {missing.Remedy}");
        }

        BenchmarkCases.CheckNames("--backends", given ?? [], Contenders.Names);
        foreach (NetworkDescription network in networks)
        {
            if (given?.FirstOrDefault(backend => !Contenders.Supports(backend, network)) is { } other)
            {
                throw new UsageException($"{other} does not compute this {network.Name}");
            }
        }

        return networks.ToDictionary(network => network.Name, network => given ?? Contenders.DefaultsFor(network));
    }
}
