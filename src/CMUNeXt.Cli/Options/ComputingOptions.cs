using System.CommandLine;
using CMUNeXt.Backends;

namespace CMUNeXt.Cli.Options;

/// <summary>Backend, device and threads.</summary>
internal sealed class ComputingOptions
{
    /// <summary>The backend.</summary>
    public Option<string?> Backend { get; } = NameBackend();

    /// <summary>The device.</summary>
    public Option<string> Device { get; } = new("--device")
    {
        Description = "cpu; cuda or cuda:N with a backend that computes there.",
        DefaultValueFactory = _ => "cpu",
        HelpName = "DEVICE",
    };

    /// <summary>The number of threads.</summary>
    public Option<int?> Threads { get; } = CommonOptions.Threads();

    /// <summary>The options, to be added to a command.</summary>
    public IReadOnlyList<Option> All => [Backend, Device, Threads];

    private static Option<string?> NameBackend()
    {
        string names = string.Join(", ", BackendRegistry.Names);
        Option<string?> option = new("--backend")
        {
            Description = $"The backend: {names}. [default: the first that suits network and device]",
            HelpName = "NAME",
        };
        option.CompletionSources.Add([.. BackendRegistry.Names]);
        return option;
    }
}
