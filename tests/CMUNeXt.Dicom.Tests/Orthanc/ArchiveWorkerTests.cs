using System.Text;
using System.Text.Json;
using CMUNeXt.Dicom.Orthanc;
using CMUNeXt.Files;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests.Orthanc;

/// <summary>The worker beside an archive, a receiver and a disk that fail.</summary>
public sealed class ArchiveWorkerTests : IDisposable
{
    private const int MostAttempts = 5;
    private const string Store = "POST /instances";
    private const string Send = """POST /modalities/pacs/store ["SEG"]""";
    private const string SendOverlay = """POST /modalities/pacs/store ["OT"]""";
    private const string SendReport = """POST /modalities/pacs/store ["SR"]""";
    private const string Echo = "POST /modalities/pacs/echo";

    private readonly TemporaryFolder folder = new();
    private readonly RecordedLog log = new();
    private int segmented;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_receiver_that_is_away_is_waited_for_and_nothing_is_segmented_or_sent_again()
    {
        const int EchoesThatFail = 12;
        using FaultyArchive archive = Archive();
        archive.Fault = request => request is Send or Echo && archive.Count(Echo) <= EchoesThatFail ? 500 : 0;
        Assert.Equal(0, await Run(archive, "pacs", kinds: ["OT", "SEG", "SR"]));
        Assert.Equal((2, EchoesThatFail + 1), (archive.Count(Send), archive.Count(Echo)));
        Assert.Equal((1, 1), (archive.Count(SendOverlay), archive.Count(SendReport)));
        Assert.Equal((3, 3), (segmented, archive.Count(Store)));
        Assert.Equal(1, Done());
        Assert.DoesNotContain(log.Lines, static line => line.StartsWith("refused", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(401, "refuses the user or the password")]
    [InlineData(404, "error 404")]
    public async Task An_archive_that_shuts_the_worker_out_while_it_waits_for_a_receiver_ends_it(int status, string said)
    {
        using FaultyArchive archive = Archive();
        archive.Fault = request => request is Send ? 500 : request is not Echo ? 0 : archive.Count(Echo) < 3 ? 500 : status;
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(() => Run(archive, "pacs"));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Equal(3, archive.Count(Echo));
    }

    [Fact]
    public async Task A_kind_that_a_receiver_refuses_is_given_up_with_a_line_and_the_others_arrive_once()
    {
        // The first mask is given up after as many attempts as anything, and the second after one. Once a mask was taken, it is as it was.
        const int Instances = 4;
        using FaultyArchive archive = Archive(Instances);
        archive.Fault = request => request is Send && archive.Count(Send) is <= MostAttempts + 1 or MostAttempts + 3 ? 500 : 0;
        Assert.Equal(0, await Run(archive, "pacs", kinds: ["OT", "SEG", "SR"]));
        Assert.Equal(
            (Instances, MostAttempts + 4, Instances),
            (archive.Count(SendOverlay), archive.Count(Send), archive.Count(SendReport)));
        Assert.Equal(
            [RefusalOf(1), RefusalOf(2)], log.Lines.Where(static line => line.StartsWith("refused", StringComparison.Ordinal)));
        Assert.DoesNotContain(log.Lines, static line => line.StartsWith("failed", StringComparison.Ordinal));

        // Later starts do not send again.
        Assert.Equal(0, await Run(archive, "pacs", kinds: ["OT", "SEG", "SR"]));
        Assert.Equal((Instances, 3 * Instances), (archive.Count(SendReport), archive.Count(Store)));

        static string RefusalOf(int instance) =>
            $"refused change={instance} instance={instance} kind=SEG modality=pacs: Not implemented yet: Cannot transcode to one of [ ]";
    }

    [Fact]
    public async Task A_result_that_the_archive_does_not_tell_the_kind_of_is_sent_all_the_same()
    {
        using FaultyArchive archive = Archive();
        archive.Fault = static request => request is "GET /instances/SEG/simplified-tags" ? 500 : 0;
        Assert.Equal(0, await Run(archive, "pacs", kinds: ["SEG", "SR"]));
        Assert.Equal((1, 1), (archive.Count(Send), archive.Count(SendReport)));
        Assert.DoesNotContain(log.Lines, static line => line.StartsWith("refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_result_that_is_gone_from_the_archive_is_not_sent_and_the_others_are()
    {
        using FaultyArchive archive = Archive();
        archive.Fault = static request => request is Send ? 404 : 0;
        Assert.Equal(0, await Run(archive, "pacs", kinds: ["SEG", "SR"]));
        Assert.Equal((1, 1), (archive.Count(Send), archive.Count(SendReport)));
        Assert.Single(log.Lines, static line => line.StartsWith("refused", StringComparison.Ordinal)
            && line.Contains("the archive has it no longer", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(-1)]
    public async Task An_archive_that_is_away_is_waited_for(int fault)
    {
        using FaultyArchive archive = Archive();
        archive.Fault = request => (request is Store && archive.Count(Store) <= 2)
            || (request is "GET /system" && archive.Count(Store) is 1 or 2 && archive.Count(request) % 12 != 0) ? fault : 0;
        Assert.Equal(0, await Run(archive));
        Assert.Equal((1, 3), (segmented, archive.Count(Store)));
        Assert.Equal(1, Done());
    }

    [Theory]
    [InlineData(500)]
    [InlineData(504)]
    [InlineData(-1)]
    public async Task An_instance_that_fails_while_the_archive_answers_is_given_up_and_the_next_has_its_turn(int fault)
    {
        using FaultyArchive archive = Archive(2);
        archive.Fault = request => request is "GET /instances/1/file" ? fault : 0;
        Assert.Equal(1, await Run(archive));
        Assert.Equal((MostAttempts, 1), (archive.Count("GET /instances/1/file"), segmented));
        Assert.Equal(2, Done());
        Assert.Single(
            log.Lines, static line => line.StartsWith($"failed change=1 instance=1 attempt={MostAttempts}:", StringComparison.Ordinal));

        // The line says which change to begin again with.
        archive.Fault = static _ => 0;
        string state = folder.File("state.json");
        File.WriteAllText(state, File.ReadAllText(state).Replace("\"last\":2", "\"last\":0", StringComparison.Ordinal));
        Assert.Equal(0, await Run(archive));
        Assert.Equal((3, 2), (segmented, Done()));
    }

    [Fact]
    public async Task An_archive_that_is_set_up_anew_while_the_worker_runs_is_begun_from_its_start()
    {
        using FaultyArchive archive = Archive(5);
        Assert.Equal(0, await Run(archive, segment: path =>
        {
            archive.Instances = ++segmented == 5 ? 2 : archive.Instances;
            return path;
        }));
        Assert.Equal((7, 7, 2), (segmented, archive.Count(Store), Done()));
        Assert.Single(
            log.Lines, static line => line.StartsWith("the archive's last change is 2, and 5 are done", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_archive_whose_newest_images_are_deleted_is_gone_on_with()
    {
        using FaultyArchive archive = Archive(5);
        Assert.Equal(0, await Run(archive));
        (archive.Instances, archive.LastWhereNoneIsNew) = (3, 5);
        Assert.Equal(0, await Run(archive));
        Assert.Equal((5, 5), (segmented, Done()));
        Assert.DoesNotContain(log.Lines, static line => line.StartsWith("the archive's last change", StringComparison.Ordinal));

        (archive.Instances, archive.LastWhereNoneIsNew) = (6, null);
        Assert.Equal(0, await Run(archive));
        Assert.Equal((6, 6), (segmented, Done()));
    }

    [Fact]
    public async Task An_archive_that_says_0_wherever_there_is_nothing_new_is_not_begun_again()
    {
        using FaultyArchive archive = Archive(3);
        archive.LastWhereNoneIsNew = 0;
        Assert.Equal(0, await Run(archive, segment: path =>
        {
            // Begun again, the worker would never end.
            archive.LastWhereNoneIsNew = ++segmented > 3 ? null : 0;
            return path;
        }));
        Assert.Equal((3, 3), (segmented, Done()));

        // One that is empty is another.
        archive.Instances = 0;
        Assert.Equal(0, await Run(archive));
        Assert.Equal((3, 0), (segmented, Done()));
    }

    [Theory]
    [InlineData("{ \"server\": ")]
    [InlineData("{}")]
    public async Task A_damaged_state_ends_the_worker_with_a_line_that_says_how_to_lose_no_image(string content)
    {
        string state = folder.Write("state.json", Encoding.UTF8.GetBytes(content));
        using FaultyArchive archive = Archive();
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(() => Run(archive, fromStart: false));
        Assert.Equal(state, e.Path);
        Assert.Contains("remove it and start once with --from-start", e.Problem, StringComparison.Ordinal);

        File.Delete(state);
        Assert.Equal(0, await Run(archive, fromStart: true));
        Assert.Equal((1, 1), (segmented, Done()));
    }

    [Fact]
    public async Task A_second_worker_with_the_state_of_one_that_works_is_told_which_has_it()
    {
        using FaultyArchive archive = Archive();
        BadFileException? refusal = null;
        Assert.Equal(0, await Run(archive, segment: path =>
        {
            refusal = RefusalOfAnother(archive);
            return path;
        }));
        Assert.Equal(folder.File("state.json"), refusal!.Path);
        string holder = $"the worker in process {Environment.ProcessId} of {Environment.MachineName} has it";
        Assert.Contains(holder, refusal.Problem, StringComparison.Ordinal);
        Assert.Equal(1, Done());

        // One that has ended has it no longer.
        Assert.Equal(0, await Run(archive));
    }

    [Fact]
    public async Task Whatever_segmenting_throws_is_the_instances_failure()
    {
        foreach (Exception failure in (Exception[])[new IOException("No space left on device"), new ArithmeticException("No such luck")])
        {
            segmented = 0;
            using FaultyArchive archive = Archive(2);
            Assert.Equal(1, await Run(archive, segment: path => segmented++ < MostAttempts ? throw failure : path));
            Assert.Equal((MostAttempts + 1, 1), (segmented, archive.Count(Store)));
            Assert.Equal(2, Done());
            File.Delete(folder.File("state.json"));
        }
    }

    [Fact]
    public async Task A_receiver_that_the_archive_does_not_know_is_refused_before_anything_is_done()
    {
        using FaultyArchive archive = Archive();
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(() => Run(archive, "pasc"));
        Assert.Equal(archive.Url, e.Path);
        Assert.Contains("no pasc to send to, they have pacs", e.Message, StringComparison.Ordinal);
        Assert.Equal(0, segmented);
        Assert.False(File.Exists(folder.File("state.json")));
    }

    [Theory]
    [InlineData("GET /system", 401, "USER:PASSWORD")]
    [InlineData("GET /system", 403, "RemoteAccessAllowed")]
    [InlineData("GET /system", 404, "is it an Orthanc?")]
    [InlineData("GET /changes?since=0&limit=100", 500, "the error 500")]
    [InlineData("GET /instances/1/file", 401, "USER:PASSWORD")]
    public async Task An_archive_that_refuses_is_named_and_nothing_counts_as_done(string refused, int status, string phrase)
    {
        using FaultyArchive archive = Archive();
        bool isRefused = false;
        archive.Fault = request => (isRefused |= request == refused) ? status : 0;
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(() => Run(archive));
        Assert.Equal(archive.Url, e.Path);
        Assert.Contains(phrase, e.Problem, StringComparison.Ordinal);
        Assert.True(!File.Exists(folder.File("state.json")) || Done() == 0);
    }

    [Fact]
    public async Task What_the_archive_holds_before_the_first_start_is_left_alone_and_later_starts_go_on()
    {
        using (FaultyArchive archive = Archive(2))
        {
            Assert.Equal(0, await Run(archive, fromStart: false));
            Assert.Equal((0, 0, 2), (segmented, archive.Count(Store), Done()));
            archive.Instances = 5;
            Assert.Equal(0, await Run(archive, fromStart: false));
            Assert.Equal((3, 3, 5), (segmented, archive.Count(Store), Done()));

            // Set up anew, it counts its changes from the beginning.
            archive.Instances = 1;
            Assert.Equal(0, await Run(archive, fromStart: false));
            Assert.Equal((4, 4, 1), (segmented, archive.Count(Store), Done()));
        }

        // The state says which archive it is of.
        using FaultyArchive other = Archive();
        BadFileException e = await Assert.ThrowsAsync<BadFileException>(() => Run(other, fromStart: false));
        Assert.Equal(folder.File("state.json"), e.Path);
        Assert.Equal(4, segmented);
    }

    [Theory]
    [InlineData("US", "", 1)]
    [InlineData("MR", "", 0)]
    [InlineData("US", "Scanner", 1)]
    [InlineData("US", "Other", 0)]
    public async Task Instances_of_another_modality_or_device_are_passed_over(string modality, string device, int expected)
    {
        using FaultyArchive archive = Archive();
        Assert.Equal(0, await Run(archive, filter: new() { Modality = modality, Device = device }));
        Assert.Equal((expected, 1), (segmented, Done()));
    }

    private FaultyArchive Archive(int instances = 1)
    {
        DicomTools.Need("dump2dcm");
        string path = folder.File("image.dcm");
        new MadeFile("MONOCHROME2").Write(folder, path);
        return new FaultyArchive(File.ReadAllBytes(path), instances);
    }

    private async Task<int> Run(
        FaultyArchive archive,
        string? receiver = null,
        Func<string, string>? segment = null,
        string[]? kinds = null,
        bool fromStart = true,
        ArchiveFilter? filter = null)
    {
        ArchiveWorkerSettings settings = new()
        {
            Archive = new Uri(archive.Url),
            StatePath = folder.File("state.json"),
            SendTo = receiver,
            FromStart = fromStart,
            Filter = filter ?? new(),
            Once = true,
        };
        segment ??= path =>
        {
            segmented++;
            return path;
        };
        using ArchiveWorker worker = new(
            settings,
            (_, results, _) => [.. (kinds ?? ["SEG"]).Select(kind => segment(Write(results, kind)))],
            log)
        { Pause = TimeSpan.FromMilliseconds(1) };
        return await worker.RunAsync(TestContext.Current.CancellationToken);
    }

    private BadFileException RefusalOfAnother(FaultyArchive archive) =>
        Assert.Throws<BadFileException>(() => Run(archive).GetAwaiter().GetResult());

    private static string Write(string results, string kind)
    {
        string path = Path.Combine(results, $"{kind}.dcm");
        File.WriteAllText(path, kind);
        return path;
    }

    private int Done() =>
        JsonDocument.Parse(File.ReadAllBytes(folder.File("state.json"))).RootElement.GetProperty("last").GetInt32();
}
