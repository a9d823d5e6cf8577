using System.Text.Json;
using CMUNeXt.Dicom.Orthanc;
using CMUNeXt.Files;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests.Orthanc;

/// <summary>The worker beside an archive that refuses results, or has no room for them.</summary>
public sealed class ArchiveStoringTests : IDisposable
{
    private const int MostAttempts = 5;
    private const string Store = "POST /instances";
    private const string NoRoom = """{ "HttpStatus": 500, "Message": "Cannot write to file", "OrthancStatus": 14 }""";
    private const string NoRoomInIndex =
        """{ "HttpStatus": 500, "Message": "SQLite: Cannot run a cached statement", "OrthancStatus": 1009 }""";
    private const string FullStorage = """{ "HttpStatus": 500, "Message": "The file storage is full", "OrthancStatus": 19 }""";

    private static readonly string[] Kinds = ["SEG", "SR", "OT"];

    private readonly TemporaryFolder folder = new();
    private readonly RecordedLog log = new();
    private int segmented;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_result_that_is_refused_is_given_up_with_a_line_and_the_others_are_stored()
    {
        // The first overlay is given up after as many attempts as anything, and the second after one.
        using FaultyArchive archive = Archive(2);
        archive.MostBytes = 1 << 20;
        Assert.Equal(0, await Run(archive, bytesOfOverlay: 2 << 20));
        Assert.Equal((2, (2 * 2) + MostAttempts + 1), (segmented, archive.Count(Store)));
        string[] refused = LinesOf("refused");
        Assert.Equal(2, refused.Length);
        for (int i = 1; i <= 2; i++)
        {
            Assert.StartsWith(
                $"refused change={i} instance={i} result=OT: it answers with the status 413", refused[i - 1], StringComparison.Ordinal);
            Assert.Single(LinesOf($"segmented instance={i} stored=2 "));
        }

        Assert.Empty(LinesOf("failed"));
        Assert.Equal(2, Done());
    }

    [Theory]
    [InlineData(500, NoRoom)]
    [InlineData(500, NoRoomInIndex)]
    [InlineData(500, FullStorage)]
    [InlineData(507, "")]
    public async Task An_archive_without_room_is_waited_for_and_nothing_is_given_up(int status, string refusal)
    {
        const int Refusals = 12;
        using FaultyArchive archive = Archive();
        archive.Refusal = refusal;
        archive.Fault = request => request is Store && archive.Count(Store) <= Refusals ? status : 0;
        Assert.Equal(0, await Run(archive));
        Assert.Equal((1, Refusals + Kinds.Length), (segmented, archive.Count(Store)));
        Assert.Equal(Refusals, LinesOf("waiting for room in").Length);
        Assert.Empty(LinesOf("refused"));
        Assert.Empty(LinesOf("failed"));
        Assert.Equal(1, Done());
    }

    [Fact]
    public async Task An_overlay_that_may_never_fit_is_not_waited_for()
    {
        using FaultyArchive archive = Archive();
        archive.Refusal = NoRoom;
        archive.Fault = request => request is Store && archive.Count(Store) > 2 ? 500 : 0;
        Assert.Equal(0, await Run(archive, bytesOfOverlay: (8 << 20) + 1));
        Assert.Equal(2 + MostAttempts, archive.Count(Store));
        Assert.Equal(["refused change=1 instance=1 result=OT: Cannot write to file"], LinesOf("refused"));
        Assert.Empty(LinesOf("waiting"));
    }

    [Fact]
    public async Task An_instance_of_which_every_result_is_refused_has_failed()
    {
        using FaultyArchive archive = Archive();
        archive.Fault = static request => request is Store ? 500 : 0;
        Assert.Equal(1, await Run(archive));
        Assert.Equal((1, Kinds.Length * MostAttempts), (segmented, archive.Count(Store)));
        const string Reason = "Not implemented yet: Cannot transcode to one of [ ]";
        Assert.Equal(Kinds.Select(static kind => $"refused change=1 instance=1 result={kind}: {Reason}"), LinesOf("refused"));
        Assert.Empty(LinesOf("segmented"));
        Assert.Equal(1, Done());
    }

    [Theory]
    [InlineData(401, "refuses the user or the password")]
    [InlineData(404, "error 404")]
    public async Task An_archive_that_shuts_the_worker_out_while_it_stores_ends_it_and_nothing_counts_as_done(int status, string said)
    {
        using FaultyArchive archive = Archive();
        archive.Fault = request => request is Store ? 500 : request is "GET /system" && archive.Count(Store) > 0 ? status : 0;
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(() => Run(archive));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Equal((1, 0), (archive.Count(Store), Done()));
    }

    private static string Write(string results, string kind, int bytes)
    {
        string path = Path.Combine(results, $"{kind}.dcm");
        File.WriteAllText(path, kind.PadRight(bytes));
        return path;
    }

    private FaultyArchive Archive(int instances = 1)
    {
        DicomTools.Need("dump2dcm");
        string path = folder.File("image.dcm");
        new MadeFile("MONOCHROME2").Write(folder, path);
        return new FaultyArchive(File.ReadAllBytes(path), instances);
    }

    private async Task<int> Run(FaultyArchive archive, int bytesOfOverlay = 0)
    {
        ArchiveWorkerSettings settings = new()
        {
            Archive = new Uri(archive.Url),
            StatePath = folder.File("state.json"),
            FromStart = true,
            Once = true,
        };
        using ArchiveWorker worker = new(
            settings,
            (_, results, _) =>
            {
                segmented++;
                return [.. Kinds.Select(kind => Write(results, kind, kind == "OT" ? bytesOfOverlay : 0))];
            },
            log)
        { Pause = TimeSpan.FromMilliseconds(1) };
        return await worker.RunAsync(TestContext.Current.CancellationToken);
    }

    private string[] LinesOf(string beginning) =>
        [.. log.Lines.Where(line => line.StartsWith(beginning, StringComparison.Ordinal))];

    private int Done() =>
        JsonDocument.Parse(File.ReadAllBytes(folder.File("state.json"))).RootElement.GetProperty("last").GetInt32();
}
