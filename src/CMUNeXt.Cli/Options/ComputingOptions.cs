using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Backends;

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
        string optional = string.Join(" and ", OptionalBackend.All.Select(static one => one.Name));
        string names = string.Join(", ", BackendRegistry.Names.Union(OptionalBackend.All.Select(static one => one.Name)));
        Option<string?> option = new("--backend")
        {
            Description = $"The backend: {names}; `cmunext backend add` installs {optional}. "
                + "[default: the first installed that suits network and device]",
            HelpName = "NAME",
        };
        option.CompletionSources.Add([.. BackendRegistry.Names]);
        return option;
    }
}
