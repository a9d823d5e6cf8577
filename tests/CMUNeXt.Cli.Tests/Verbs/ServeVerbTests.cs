using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Verbs;

/// <summary><c>serve</c> as a command; what it answers is tested where the server is.</summary>
public sealed class ServeVerbTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task With_a_certificate_it_shows_that_and_ends_when_it_is_interrupted()
    {
        X509Certificate2 certificate = WriteCertificate("server");
        using CommandProcess server = FreePort.Listen(StartOn);
        Uri address = server.WaitForAddress();
        Assert.Equal(("https", "localhost"), (address.Scheme, address.Host));
        using HttpClientHandler trusting = new()
        {
            ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == certificate.Thumbprint,
        };
        using HttpClient client = new(trusting);
        await UntilReady(server, client, address);
        server.Interrupt();
        (int status, _, string error) = server.WaitForExit();
        Assert.Equal(ExitStatus.Done, status);
        Assert.Empty(error);

        CommandProcess StartOn(int port)
        {
            CommandProcess started = CommandProcess.Start(
                "serve", "--port", $"{port}", "--certificate", folder.File("server.pem"), "--certificate-key", folder.File("server.key"));
            Assert.Equal(port, started.WaitForAddress().Port);
            return started;
        }
    }

    [Fact]
    public async Task With_a_file_of_keys_it_answers_who_shows_one_of_them_and_nobody_else_and_logs_both()
    {
        const string Secret = "Doe";
        string[] keys = ["0123456789abcdef", "fedcba9876543210"];
        File.WriteAllText(folder.File("keys"), $"{keys[0]}\n\n  {keys[1]} \n");
        using CommandProcess server = CommandProcess.Start("serve", "--port", "0", "--key-file", folder.File("keys"), "--log-requests");
        Uri address = server.WaitForAddress();
        using HttpClient client = new();
        await UntilReady(server, client, address);
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask(null));
        Assert.Equal(HttpStatusCode.Unauthorized, await Ask("0123456789abcdeF"));
        Assert.Equal(HttpStatusCode.OK, await Ask(keys[0]));
        Assert.Equal(HttpStatusCode.OK, await Ask(keys[1]));
        server.Interrupt();
        (_, _, string error) = server.WaitForExit();
        JsonElement[] logged = [.. error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line =>
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty("State").Clone();
        })];
        Assert.All(logged, static request => Assert.Equal(
            ("GET", "/api/v1/weights"), (request.GetProperty("Method").GetString(), request.GetProperty("Path").GetString())));
        Assert.Equal([401, 401, 200, 200], logged.Select(static request => request.GetProperty("StatusCode").GetInt32()));
        Assert.All(logged, static request => Assert.True(request.GetProperty("Duration").GetDouble() >= 0));
        Assert.DoesNotContain(Secret, error, StringComparison.Ordinal);

        async Task<HttpStatusCode> Ask(string? key)
        {
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri(address, $"/api/v1/weights?patient={Secret}"));
            if (key is not null)
            {
                request.Headers.Add("X-API-Key", key);
            }

            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }
    }

    [Theory]
    [InlineData("", "holds no key")]
    [InlineData(" \n\n", "holds no key")]
    [InlineData("0123456789abcdef\n0123456789abcde\n", "fewer than 16 characters")]
    [InlineData("0123456789abcd\u00e9f\n", "characters that no header carries")]
    public void A_file_without_keys_that_are_long_enough_and_fit_a_header_is_refused(string content, string expected)
    {
        File.WriteAllText(folder.File("keys"), content);
        (int status, _, string error) = CommandProcess.Run("serve", "--port", "0", "--key-file", folder.File("keys"));
        Assert.Equal(ExitStatus.Failed, status);
        string line = Assert.Single(error.Trim().Split('\n'));
        Assert.Contains(folder.File("keys"), line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
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

    private static Task UntilReady(CommandProcess server, HttpClient client, Uri address) =>
        Wait.Until("server that is ready", async () =>
        {
            try
            {
                using HttpResponseMessage response =
                    await client.GetAsync(new Uri(address, "/health/ready"), TestContext.Current.CancellationToken);
                return response.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                Assert.False(server.HasExited, "The server ended.");
                return false;
            }
        });

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
}
