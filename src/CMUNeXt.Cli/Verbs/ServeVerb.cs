using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CMUNeXt.Cli.Options;
using CMUNeXt.Files;
using CMUNeXt.Server;
using CMUNeXt.Server.Serving;
using CMUNeXt.Weights;
using Microsoft.AspNetCore.Connections;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>serve</c>: a page and an API for segmentation over HTTP.</summary>
internal static class ServeVerb
{
    private static readonly Option<string> Host = new("--host")
    {
        Description = "The address to listen on; one that other machines reach needs --key-file.",
        DefaultValueFactory = _ => "localhost",
        HelpName = "ADDRESS",
    };

    private static readonly Option<int> Port = CommonOptions.Within(0, 65535, new Option<int>("--port")
    {
        Description = "The port; 0 takes a free one.",
        DefaultValueFactory = _ => 5080,
        HelpName = "N",
    });

    private static readonly Option<string[]> Weights = new("--weights")
    {
        Description = "Weight files of one class, served under their names without ending, and names of \"cmunext weights\". "
            + $"The first is the default. [default: {NamedWeights.Default}]",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = OptionValues.FileNames,
        HelpName = "FILE|NAME",
    };

    private static readonly Option<bool> Flips = CommonOptions.Flips();

    private static readonly Option<string?> KeyFile = new("--key-file")
    {
        Description = "A file of API keys, one a line; a request has to show one.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Certificate = new("--certificate")
    {
        Description = "A file of the server's certificate and, after it, those of its issuers, in PEM; then it speaks TLS.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> CertificateKey = new("--certificate-key")
    {
        Description = "The file of the certificate's private key, in PEM.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Orthanc =
        ArchiveAddress.Create("An archive whose ultrasound studies the page opens, and where it stores masks:");

    private static readonly Option<int?> Workers = CommonOptions.Within(
        1, CommonOptions.MaximumThreads,
        new Option<int?>("--workers")
        {
            Description = "The requests computed at once, one for each core at most. [default: one for each core]",
            HelpName = "N",
        });

    private static readonly Option<bool> LogRequests = new("--log-requests")
    {
        Description = "Log each request: method, path without what follows the ?, status and milliseconds.",
    };

    public static Command Create() => Verb.Create(
        "serve",
        "Serve a page and an API for segmentation over HTTP, to this machine alone unless told otherwise.",
        [Host, Port, Weights, Flips, KeyFile, Certificate, CertificateKey, Orthanc, Workers, LogRequests],
        Run);

    private static async Task<int> Run(ParseResult parsed, CancellationToken stop)
    {
        ServerOptions options = new()
        {
            Host = parsed.GetValue(Host)!,
            Port = parsed.GetValue(Port),
            Weights = [.. (CommonOptions.Given(parsed, Weights) ?? [NamedWeights.Default]).Select(Load)],
            Flips = parsed.GetValue(Flips),
            ApiKeys = parsed.GetValue(KeyFile) is { } file ? ReadKeys(file) : [],
            Certificates = ReadCertificates(parsed.GetValue(Certificate), parsed.GetValue(CertificateKey)),
            Archive = parsed.GetValue(Orthanc) is { } archive ? ArchiveAddress.Parse(archive) : null,
            Workers = parsed.GetValue(Workers),
            LogRequests = parsed.GetValue(LogRequests),
        };
        await using SegmentationServer server = await Start(options, stop);
        Console.WriteLine($"The page is at {WordsFor(server.Address)} and ends with Ctrl-C. {SegmentationReport.NotMedical}");
        if (!server.Address.IsLoopback && options.Certificates.Count == 0)
        {
            Console.Error.WriteLine(
                "warning: without TLS keys and images travel unencrypted; where other machines ask, give --certificate, or put a proxy "
                    + "with TLS before it");
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitStatus.Done;
    }

    // Where it listens on all addresses, none of them is one to open.
    private static string WordsFor(Uri listening) => IPAddress.TryParse(listening.Host.Trim('[', ']'), out IPAddress? address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            ? $"port {listening.Port} of every address of {Environment.MachineName} ({listening.Scheme})"
            : listening.AbsoluteUri;

    private static async Task<SegmentationServer> Start(ServerOptions options, CancellationToken stop)
    {
        try
        {
            SegmentationServer server = await SegmentationServer.Start(options, stop);
            foreach ((_, LoadedWeights weights) in options.Weights)
            {
                InputOptions.TellAssumed(weights);
            }

            return server;
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new IOException($"{e.Message.TrimEnd('.')}; stop what listens there, or give another --port", e);
        }
    }

    private static KeyValuePair<string, LoadedWeights> Load(string given) =>
        new(Path.GetFileNameWithoutExtension(given), NetworkWeights.Load(given));

    private static string[] ReadKeys(string path)
    {
        string[] keys = [.. InputFile.Open(path, File.ReadAllLines).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return keys.Length == 0 ? throw new BadFileException(path, "holds no key; write one a line")
            : keys.FirstOrDefault(key => key.Length < ServerOptions.ShortestKey) is not null
                ? throw new BadFileException(path,
                    $"holds a key of fewer than {ServerOptions.ShortestKey} characters; openssl rand -hex 32 makes a good one")
            : !keys.All(static key => Ascii.IsValid(key))
                ? throw new BadFileException(path, "holds a key with characters that no header carries; take letters and digits")
            : keys;
    }

    // TLS on Windows takes no key that came from PEM, and one that came from PKCS #12.
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using X509Certificate2 read = certificate;
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), password: null);
    }

    private static X509Certificate2[] ReadCertificates(string? certificate, string? key)
    {
        if (certificate is null || key is null)
        {
            return certificate is null && key is null ? [] : throw new UsageException("--certificate and --certificate-key go together");
        }

        try
        {
            X509Certificate2Collection issuers = [];
            issuers.ImportFromPemFile(certificate);
            return [Usable(X509Certificate2.CreateFromPemFile(certificate, key)), .. issuers.Skip(1)];
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new BadFileException(
                certificate, $"it cannot be used with the key in {key}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
