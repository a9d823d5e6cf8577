using CMUNeXt.Cli.Options;
using CMUNeXt.Networks;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Cli.Suite;

/// <summary>What a suite changes in the published protocol; null changes nothing.</summary>
/// <param name="Epochs">The number of epochs.</param>
/// <param name="Batch">The cases of an iteration.</param>
/// <param name="Size">The size as <c>train</c> takes it, for the networks that do not have one size alone.</param>
/// <param name="Seed">The seed.</param>
internal sealed record SuiteProtocol(int? Epochs, int? Batch, string? Size, ulong? Seed)
{
    /// <summary>The options of <c>train</c> that say the same for a network.</summary>
    public IReadOnlyList<string> Arguments(string model) => SuiteComputing.Options(
        ("--epochs", Epochs), ("--batch", Batch), ("--seed", Seed), ("--size", NetworkCatalog.SizeOf(model).IsFixed ? null : Size));

    /// <summary>The settings for a network.</summary>
    /// <exception cref="UsageException">The size is none.</exception>
    public TrainingProtocol For(string model)
    {
        TrainingProtocol published = new();
        InputSize size = NetworkCatalog.SizeOf(model);
        (int width, int height) = Size is null || size.IsFixed ? (size.Default, size.Default) : ProtocolOptions.ParseSize(Size);
        return published with
        {
            Epochs = Epochs ?? published.Epochs,
            Batch = Batch ?? published.Batch,
            Seed = Seed ?? published.Seed,
            Width = width,
            Height = height,
        };
    }
}

/// <summary>What computes a suite's trainings and evaluations, which changes nothing else; null takes the default.</summary>
/// <param name="Threads">The number of threads.</param>
/// <param name="Device">The device.</param>
internal sealed record SuiteComputing(int? Threads, string? Device)
{
    /// <summary>The options of <c>train</c> and <c>evaluate</c> that say so.</summary>
    public IReadOnlyList<string> Arguments => Options(("--threads", Threads), ("--device", Device));

    /// <summary>The options of another verb, as far as they have a value.</summary>
    public static IReadOnlyList<string> Options(params (string Name, object? Value)[] options) =>
        [.. options.Where(option => option.Value is not null).SelectMany(option => (string[])[option.Name, $"{option.Value}"])];
}
