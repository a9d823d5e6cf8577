using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Backends;

/// <summary>One way of a backend to compute, to be measured beside others.</summary>
/// <param name="Name">The backend's name, or that with a suffix: <c>name-suffix</c>.</param>
/// <param name="Runs">Whether it computes a network.</param>
/// <param name="Open">Opens a network that it computes, from all its tensors, with a number of threads.</param>
/// <param name="ByDefault">Whether a benchmark measures it unasked.</param>
public sealed record BenchmarkVariant(
    string Name, Func<NetworkDescription, bool> Runs, Func<NetworkDescription, StateDict, int, Network> Open, bool ByDefault = true);
