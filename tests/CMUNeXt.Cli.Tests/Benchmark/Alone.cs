namespace CMUNeXt.Cli.Tests.Benchmark;

/// <summary>Tests that nothing else of this process may run beside.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
