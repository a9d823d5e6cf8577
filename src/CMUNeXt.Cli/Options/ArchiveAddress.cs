using System.CommandLine;

namespace CMUNeXt.Cli.Options;

/// <summary>The option that names an Orthanc archive.</summary>
internal static class ArchiveAddress
{
    private const string Name = "--orthanc";

    /// <summary>Makes the option.</summary>
    /// <param name="description">What is done with the archive; how an address is written follows.</param>
    public static Option<string?> Create(string description) => new(Name)
    {
        Description = $"{description} http://HOST:8042, or http://USER:PASSWORD@HOST:8042.",
        HelpName = "URL",
    };

    /// <summary>Reads an address.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static Uri Parse(string? given) =>
        Uri.TryCreate(given, UriKind.Absolute, out Uri? address) && address.Scheme is ("http" or "https") && address.Host.Length > 0
            ? address
            : throw new UsageException($"{Name} is an address such as http://localhost:8042");
}
