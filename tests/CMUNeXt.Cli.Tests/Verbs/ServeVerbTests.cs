using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CMUNeXt.Dicom.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>serve</c> as a command; what it answers is tested where the server is.</summary>
public sealed class ServeVerbTests : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task With_a_certificate_it_shows_that_and_ends_when_it_is_interrupted()
    {
        X509Certificate2 certificate = WriteCertificate("server");
        int port = FreePort();
        using CommandProcess server = CommandProcess.Start(
            "serve", "--port", $"{port}", "--certificate", folder.File("server.pem"), "--certificate-key", folder.File("server.key"));
        using HttpClientHandler trusting = new()
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == certificate.Thumbprint,
        };
        using HttpClient client = new(trusting);
        Uri address = new($"https://localhost:{port}/health/ready");
        HttpStatusCode status = default;
        for (Stopwatch clock = Stopwatch.StartNew(); status != HttpStatusCode.OK && clock.Elapsed < Longest;)
        {
            await Task.Delay(100, TestContext.Current.CancellationToken);
            try
            {
                status = (await client.GetAsync(address, TestContext.Current.CancellationToken)).StatusCode;
            }
            catch (HttpRequestException)
            {
                Assert.False(server.HasExited, "The server ended.");
            }
        }

        Assert.Equal(HttpStatusCode.OK, status);
        server.Interrupt();
        (_, string output, string error) = server.WaitForExit();
        Assert.Contains($"https://localhost:{port}", output, StringComparison.Ordinal);
        Assert.Empty(error);
    }

    [Fact]
    public void A_certificate_goes_with_its_own_key()
    {
        WriteCertificate("server");
        WriteCertificate("other");
        (int status, _, string error) = CommandProcess.Run("serve", "--port", "0", "--certificate", folder.File("server.pem"));
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Contains("--certificate-key", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
        (status, _, error) = CommandProcess.Run(
            "serve", "--port", "0", "--certificate", folder.File("server.pem"), "--certificate-key", folder.File("other.key"));
        Assert.Equal(ExitStatus.Failed, status);
        Assert.Contains("server.pem", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ftp://localhost")]
    [InlineData("localhost:8042")]
    public void An_archive_has_an_address(string given)
    {
        (int status, _, string error) = CommandProcess.Run("serve", "--port", "0", "--orthanc", given);
        Assert.Equal(ExitStatus.Usage, status);
        Assert.Contains("http://localhost:8042", error, StringComparison.Ordinal);
    }

    private X509Certificate2 WriteCertificate(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        X509Certificate2 certificate =
            new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(folder.File($"{name}.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(folder.File($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
