using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Dicom.Tests.Orthanc;

namespace CMUNeXt.Server.Tests;

/// <summary>Images of an archive that take more memory than there is: each is refused in a line that says what takes it.</summary>
public sealed class ArchiveMemoryTests
{
    private const int Limit = 1 << 20;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_that_is_too_large_is_refused_before_it_is_fetched()
    {
        using FaultyArchive archive = new(new byte[2 * Limit]);
        Assert.Equal(
            "The image takes at least 2097152 bytes, and from an archive at most 1048576 are opened: "
                + "have cmunext dicom watch the archive, or segment its file with cmunext predict.",
            await RefusalOf(new Uri(archive.Url)));
    }

    // A file of 1 KB that the archive decompresses to 4 MB.
    [Fact]
    public async Task What_the_archive_decompresses_is_counted()
    {
        using FakeArchive archive = new(static path => new byte[path.EndsWith("/modify", StringComparison.Ordinal) ? 4 * Limit : 1024]);
        Assert.Contains("at most 1048576 are opened", await RefusalOf(archive.Address), StringComparison.Ordinal);
    }

    // A few kilobytes that become 16 MiB.
    [Fact]
    public async Task What_a_deflated_image_becomes_is_counted()
    {
        byte[] file = DeflatedFile.Write(new byte[64 * DeflatedFile.Side * DeflatedFile.Side]);
        Assert.InRange(file.Length, 0, Limit / 4);
        using FakeArchive archive = new(_ => file);
        Assert.Contains("at most 1048576 are opened", await RefusalOf(archive.Address), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_temporary_folder_takes_no_file_storing_a_mask_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "TMPDIR is not what Windows asks for.");
        using FakeArchive archive = new(static _ => DeflatedFile.Write(new byte[DeflatedFile.Side * DeflatedFile.Side]));
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Archive = archive.Address });
        string? before = Environment.GetEnvironmentVariable("TMPDIR");
        Environment.SetEnvironmentVariable("TMPDIR", Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()));
        try
        {
            ByteArrayContent mask = new(RunningServer.SmallImage(1)) { Headers = { ContentType = new("image/png") } };
            using HttpResponseMessage response = await server.Client.PostAsync(
                "/api/v1/archive/images/00000000-00000000-00000000-00000000-00000000/mask", mask, Stop);
            Assert.Equal(HttpStatusCode.InsufficientStorage, response.StatusCode);
            string detail = (string)(await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!["detail"]!;
            Assert.StartsWith("The temporary folder of the server takes no file", detail, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("TMPDIR", before);
        }
    }

    private static async Task<string> RefusalOf(Uri archive)
    {
        await using RunningServer server = await RunningServer.Start(
            RunningServer.Options with { Archive = archive, BodiesLimit = Limit });
        using HttpResponseMessage response = await server.Client.PostAsync(
            "/api/v1/archive/images/00000000-00000000-00000000-00000000-00000000/segment", null, Stop);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        return (string)(await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!["detail"]!;
    }
}
