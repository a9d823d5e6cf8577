using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CMUNeXt.Dicom.Orthanc;
using CMUNeXt.Dicom.Tests;
using CMUNeXt.Tests;

namespace CMUNeXt.Server.Tests;

/// <summary>What is asked of an archive, so that it gives the newest studies, and those of a name as it is shown.</summary>
public sealed class ArchiveSearchTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // An archive gives any of those that it finds, here the oldest. A study is there for every third day.
    [Fact]
    public async Task Of_more_studies_than_are_listed_the_newest_are()
    {
        const int Listed = 200;
        string[] dates = [.. Enumerable.Range(0, 300).Select(static i => DayOf(DateTime.Today.AddDays(-3 * i)))];
        int expanded = 0;
        using FakeArchive archive = new((_, query) =>
        {
            JsonNode asked = JsonNode.Parse(query)!;
            if ((bool)asked["Expand"]!)
            {
                Interlocked.Increment(ref expanded);
            }

            return Find(dates, asked);
        });
        await using RunningServer server = await RunningServer.Start(RunningServer.Options with { Archive = archive.Address });
        JsonNode listed = (await server.Client.GetFromJsonAsync<JsonNode>("/api/v1/archive/studies", Stop))!;
        Assert.False((bool)listed["are_all"]!);
        Assert.Equal(dates.Take(Listed), listed["studies"]!.AsArray().Select(static study => (string)study!["date"]!));

        // All there are, those of a day too few, and of a day more; the days between are found by identifiers alone.
        Assert.Equal(3, expanded);
    }

    // Years ago, on one day, and without a date.
    [Fact]
    public async Task Where_a_day_has_more_than_are_asked_for_later_days_come_first()
    {
        string[] dates = [.. Enumerable.Repeat("20010203", 30), .. Enumerable.Repeat("", 30), "20010204"];
        using FakeArchive fake = new((_, query) => Find(dates, JsonNode.Parse(query)!));
        using OrthancArchive archive = new(fake.Address);
        IReadOnlyList<ArchiveStudy> found = await archive.FindStudiesAsync("", 10, Stop);
        Assert.Equal(["20010204", .. Enumerable.Repeat("20010203", 9)], found.Select(static study => study.Date));
    }

    // Many devices leave the description empty.
    [Fact]
    public async Task Images_come_series_by_series_and_series_of_one_description_have_their_number()
    {
        (string Id, string Number, string Description)[] series = [("b", "12", ""), ("a", "2", ""), ("c", "3", "Left"), ("d", "", "CT")];
        using FakeArchive fake = new((path, _) => Encoding.UTF8.GetBytes(new JsonArray([.. path.EndsWith("series", StringComparison.Ordinal)
            ? series.Select(static one => Resource(
                one.Id, ("Modality", one.Id == "d" ? "CT" : "US"), ("SeriesNumber", one.Number), ("SeriesDescription", one.Description)))
            : series.SelectMany(static one => new[] { 2, 1 }.Select(number =>
            {
                JsonObject instance = Resource($"{one.Id}{number}", ("InstanceNumber", $"{number}"));
                instance["ParentSeries"] = one.Id;
                return instance;
            }))]).ToJsonString()));
        using OrthancArchive archive = new(fake.Address);
        Assert.Equal(
            [("a1", "#2"), ("a2", "#2"), ("c1", "Left"), ("c2", "Left"), ("b1", "#12"), ("b2", "#12")],
            (await archive.FindInstancesAsync("study", Stop)).Select(static image => (image.Id, image.Series)));

        static JsonObject Resource(string id, params (string Name, string Value)[] tags) => new()
        {
            ["ID"] = id,
            ["MainDicomTags"] = new JsonObject(tags.Select(static tag => KeyValuePair.Create(tag.Name, (JsonNode?)tag.Value))),
        };
    }

    [Theory]
    [InlineData("Müller Anna", "*Müller*Anna*", "*Müller Anna*")]
    [InlineData(" Müller, Anna ", "*Müller*Anna*", "*Müller, Anna*")]
    [InlineData("Müller^Anna", "*Müller^Anna*", "*Müller^Anna*")]
    public async Task A_name_is_asked_for_whatever_stands_between_its_parts(string search, string name, string identifier)
    {
        ConcurrentQueue<JsonNode> asked = [];
        using FakeArchive fake = new((_, query) =>
        {
            asked.Enqueue(JsonNode.Parse(query)!["Query"]!);
            return "[]"u8.ToArray();
        });
        using OrthancArchive archive = new(fake.Address);
        Assert.Empty(await archive.FindStudiesAsync(search, 10, Stop));
        Assert.Equal([name, null], asked.Select(static query => (string?)query["PatientName"]));
        Assert.Equal([null, identifier], asked.Select(static query => (string?)query["PatientID"]));
    }

    [Fact]
    public async Task An_Orthanc_finds_a_patient_by_the_name_as_it_is_shown()
    {
        using TemporaryFolder folder = new();
        using OrthancServer server = new();
        new MadeFile("MONOCHROME2").Write(folder, folder.File("image.dcm"));
        server.Send(folder.File("image.dcm"));
        using OrthancArchive archive = new(new Uri(server.Url));
        foreach (string search in (string[])["phantom", "Test Phantom", "test, phantom", "Test^Phantom"])
        {
            Assert.Equal("Test^Phantom", Assert.Single(await archive.FindStudiesAsync(search, 10, Stop)).Patient);
        }
    }

    private static string DayOf(DateTime date) => date.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    // The last of those since the day that is asked for; a study without a date is of no such day.
    private static byte[] Find(string[] dates, JsonNode asked)
    {
        bool isExpanded = (bool)asked["Expand"]!;
        string since = ((string?)asked["Query"]!["StudyDate"] ?? "").TrimEnd('-');
        IEnumerable<JsonNode> found = dates.Index()
            .Where(study => string.CompareOrdinal(study.Item, since) >= 0)
            .Reverse()
            .Take((int)asked["Limit"]!)
            .Select(study => isExpanded ? (JsonNode)new JsonObject
            {
                ["ID"] = $"study {study.Index}",
                ["MainDicomTags"] = new JsonObject { ["StudyDate"] = study.Item },
                ["PatientMainDicomTags"] = new JsonObject(),
            } : $"study {study.Index}");
        return Encoding.UTF8.GetBytes(new JsonArray([.. found]).ToJsonString());
    }
}
