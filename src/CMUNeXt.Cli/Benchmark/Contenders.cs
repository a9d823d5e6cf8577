using CMUNeXt.Backends;
using CMUNeXt.Cli.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>
/// What a benchmark sets side by side: the variants of all backends, each set up to be as fast as it can be
/// (docs/notebook/benchmark-setup.md).
/// </summary>
internal static class Contenders
{
    private static readonly (string Name, string Backend, bool ByDefault)[] All =
    [
        .. BackendRegistry.Names.SelectMany(VariantsOf).OrderByDescending(variant => variant.ByDefault),
    ];

    /// <summary>Those that are compared unless others are asked for.</summary>
    public static IReadOnlyList<string> Defaults { get; } = [.. All.Where(variant => variant.ByDefault).Select(variant => variant.Name)];

    /// <summary>All there are.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(variant => variant.Name)];

    /// <summary>Whether one of them computes a network.</summary>
    public static bool Supports(string name, NetworkDescription network) => Find(name).Runs(network);

    /// <summary>Those of the defaults that compute a network.</summary>
    public static string[] DefaultsFor(NetworkDescription network) => [.. Defaults.Where(name => Supports(name, network))];

    /// <summary>Opens a network.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="network">Which network.</param>
    /// <param name="weights">Its tensors.</param>
    /// <param name="measured">The number of threads, and the size that is computed.</param>
    public static Network Open(string name, NetworkDescription network, StateDict weights, BenchmarkCase measured) =>
        Find(name).Open(network, weights, measured.Threads);

    // An optional backend is not loaded to be named: the names are part of every command's help. The ways of another beside its own name
    // are measured only where they are asked for.
    private static IEnumerable<(string Name, string Backend, bool ByDefault)> VariantsOf(string backend) =>
        OptionalBackend.All.FirstOrDefault(optional => optional.Name == backend) is { } optional
            ? optional.Variants.Select(name => (name, backend, true))
            : BackendRegistry.Find(backend)!.Variants.Select(variant => (variant.Name, backend, variant.Name == backend));

    private static IBackend Find(string name) =>
        All.FirstOrDefault(variant => variant.Name == name).Backend is { } backend
            ? BackendRegistry.Find(backend)!.Variants.First(variant => variant.Name == name)
            : throw new ArgumentException($"There is no backend '{name}'.", nameof(name));
}
