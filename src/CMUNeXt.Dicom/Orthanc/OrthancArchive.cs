using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>
/// An Orthanc archive, through its REST interface; for any number of callers at once. What the archive refuses, or does not answer, is an
/// <see cref="HttpRequestException"/>.
/// </summary>
public sealed class OrthancArchive : IDisposable
{
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    // A century: no ultrasound study is older.
    private const int MostDays = 36_525;

    private static readonly TimeSpan LongestAnswer = TimeSpan.FromMinutes(5);

    // A loop of gigabytes is decompressed, stored and sent on before there is an answer.
    private static readonly TimeSpan LongestWork = TimeSpan.FromHours(1);

    private readonly HttpClient http;

    /// <summary>Names an archive; nothing is asked yet.</summary>
    /// <param name="address">Its address, such as http://localhost:8042; a user and a password may stand in it.</param>
    public OrthancArchive(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        UriBuilder plain = new(address) { UserName = "", Password = "" };
        plain.Path = plain.Path.TrimEnd('/') + "/";
        Address = plain.Uri;
        http = new HttpClient { BaseAddress = Address, Timeout = Timeout.InfiniteTimeSpan };
        if (address.UserInfo.Length > 0)
        {
            byte[] user = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo));
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(user));
        }
    }

    /// <summary>Its address, without a password.</summary>
    public Uri Address { get; }

    /// <summary>Finds the studies that have ultrasound images.</summary>
    /// <param name="search">
    /// A part of the patient's name, with blanks or commas between its components or as DICOM writes it, or of the patient's identifier;
    /// empty takes every study.
    /// </param>
    /// <param name="most">The most studies that are found, at least 1; of more, the newest.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>The studies, the newest first.</returns>
    public async Task<IReadOnlyList<ArchiveStudy>> FindStudiesAsync(string search, int most, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);

        // A backslash would begin another value.
        string part = search.Replace('\\', '?').Trim();
        string name = string.Join('*', part.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries));
        IEnumerable<ArchiveStudy> found = part.Length == 0
            ? await FindNewestAsync(null, "", most, stop).ConfigureAwait(false)
            : (await FindNewestAsync("PatientName", $"*{name}*", most, stop).ConfigureAwait(false))
                .UnionBy(
                    await FindNewestAsync("PatientID", $"*{part}*", most, stop).ConfigureAwait(false), static study => study.Id);
        return [.. found.OrderByDescending(static study => study.Date, StringComparer.Ordinal).Take(most)];
    }

    /// <summary>Finds the ultrasound images of a study that are no results of ours.</summary>
    /// <param name="study">The archive's identifier of the study.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>The images, series by series, each in the order of their numbers.</returns>
    public async Task<IReadOnlyList<ArchiveInstance>> FindInstancesAsync(string study, CancellationToken stop)
    {
        Dictionary<string, (int Place, string Name)> series =
            await AskAsync($"studies/{study}/series", NamesOf, stop).ConfigureAwait(false);
        return await AskAsync($"studies/{study}/instances", ReadInstances, stop).ConfigureAwait(false);

        IReadOnlyList<ArchiveInstance> ReadInstances(JsonElement instances) =>
        [
            .. instances.EnumerateArray()
                .Where(one => series.ContainsKey(Text(one, "ParentSeries")))
                .Select(one => (Series: series[Text(one, "ParentSeries")], Instance: one))
                .OrderBy(static one => one.Series.Place).ThenBy(static one => Count(Tag(one.Instance, "InstanceNumber"), 0))
                .Select(static one => new ArchiveInstance(
                    Text(one.Instance, "ID"),
                    one.Series.Name,
                    Count(Tag(one.Instance, "InstanceNumber"), 0),
                    Math.Max(1, Count(Tag(one.Instance, "NumberOfFrames"), 1)))),
        ];
    }

    /// <summary>Fetches and opens an instance; what this reader does not decode, the archive does.</summary>
    /// <param name="instance">The archive's identifier.</param>
    /// <param name="limits">What it may cost; <see cref="DicomLimits.Default"/> if not given.</param>
    /// <param name="take">
    /// Told of bytes before they are kept, those too that the archive decompresses, or that a deflated file becomes; what it throws ends
    /// the call. Null for no count.
    /// </param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="BadFileException">It is no file that is read.</exception>
    public async Task<DicomFile> OpenAsync(string instance, DicomLimits? limits, Action<long>? take, CancellationToken stop)
    {
        ReadOnlyMemory<byte> content = await GetFileAsync(instance, take, stop).ConfigureAwait(false);
        try
        {
            DicomFile file = DicomFile.Parse(content, instance, limits, take);

            // Here, what this reader does not do with the pixels is the archive's to do.
            if (file.Data.Find(DicomAttribute.PixelData) is not null)
            {
                file.OpenImage();
            }

            return file;
        }
        catch (BadFileException notRead)
        {
            try
            {
                return DicomFile.Parse(await GetDecompressedAsync(instance, take, stop).ConfigureAwait(false), instance, limits, take);
            }
            catch (HttpRequestException e) when (e.StatusCode == HttpStatusCode.InternalServerError)
            {
                throw new BadFileException(
                    instance, $"{notRead.Problem}; the archive cannot decompress it either, which its plugin orthanc-gdcm may do", e);
            }
        }
    }

    /// <summary>Stores a file; one that the archive has already stays as it is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>The archive's identifier of it.</returns>
    public async Task<string> StoreAsync(string path, CancellationToken stop)
    {
        using StreamContent content = new(File.OpenRead(path));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        return await AskAsync("instances", content, static stored => Text(stored, "ID"), LongestWork, stop).ConfigureAwait(false);
    }

    /// <summary>Ends the connections.</summary>
    public void Dispose() => http.Dispose();

    /// <summary>The archive's version; fails where there is something else than an Orthanc.</summary>
    internal Task<string> GetVersionAsync(CancellationToken stop) =>
        AskAsync("system", static system => Text(system, "Version"), stop);

    /// <summary>The number of the last change that is still there: those of deleted images are not.</summary>
    internal Task<long> GetLastChangeAsync(CancellationToken stop) =>
        AskAsync("changes?last", static changes => changes.GetProperty("Last").GetInt64(), stop);

    /// <summary>
    /// The next changes after one, the oldest first, and the number of the last of them; where there are none, of all that ever were.
    /// </summary>
    internal Task<(IReadOnlyList<ArchiveChange> Changes, long Last)> GetChangesAsync(long since, CancellationToken stop) =>
        AskAsync<(IReadOnlyList<ArchiveChange>, long)>(
            $"changes?since={since.ToString(CultureInfo.InvariantCulture)}&limit=100",
            static changes => (
                [
                    .. changes.GetProperty("Changes").EnumerateArray().Select(static change => new ArchiveChange(
                        change.GetProperty("Seq").GetInt64(), Text(change, "ChangeType"), Text(change, "ID"))),
                ],
                changes.GetProperty("Last").GetInt64()),
            stop);

    /// <summary>An instance's attributes by keyword: those that are plain texts.</summary>
    internal Task<IReadOnlyDictionary<string, string>> GetTagsAsync(string instance, CancellationToken stop) =>
        AskAsync<IReadOnlyDictionary<string, string>>(
            $"instances/{instance}/simplified-tags",
            static tags => tags.EnumerateObject().Where(static tag => tag.Value.ValueKind == JsonValueKind.String)
                .ToDictionary(static tag => tag.Name, static tag => tag.Value.GetString()!.Trim()),
            stop);

    /// <summary>The receivers of the archive's configuration.</summary>
    internal Task<IReadOnlyList<string>> GetModalitiesAsync(CancellationToken stop) =>
        AskAsync<IReadOnlyList<string>>(
            "modalities",
            static names => [.. names.EnumerateArray().Select(static name => name.GetString() ?? throw new FormatException("A null."))],
            stop);

    /// <summary>Has the archive ask a receiver whether it is there; fails where it is not.</summary>
    internal Task EchoAsync(string modality, CancellationToken stop) => CommandAsync(modality, "echo", "{}", LongestAnswer, stop);

    /// <summary>Has the archive send a stored instance on.</summary>
    /// <param name="modality">The receiver, as the archive's configuration names it.</param>
    /// <param name="instance">The archive's identifier.</param>
    /// <param name="stop">Ends the call.</param>
    internal Task SendAsync(string modality, string instance, CancellationToken stop) =>
        CommandAsync(modality, "store", $"[\"{instance}\"]", LongestWork, stop);

    // Of more studies than are asked for, the archive gives any. So the days to look back are narrowed, by their geometric mean and by
    // identifiers alone, until one day more would bring too many.
    private async Task<IEnumerable<ArchiveStudy>> FindNewestAsync(string? keyword, string value, int most, CancellationToken stop)
    {
        IReadOnlyList<ArchiveStudy> all = await Find(null).ConfigureAwait(false);
        if (all.Count < most)
        {
            return all;
        }

        int few = 0;
        int? many = null;
        while ((many ?? MostDays) - few > 1)
        {
            int days = (int)Math.Sqrt((few + 1.0) * (many ?? MostDays));
            if (await FindAsync(keyword, value, days, most, expand: false, static found => found.GetArrayLength(), stop)
                .ConfigureAwait(false) < most)
            {
                few = days;
            }
            else
            {
                many = days;
            }
        }

        IReadOnlyList<ArchiveStudy> newest = few == 0 ? [] : await Find(few).ConfigureAwait(false);
        return newest.UnionBy(many is null ? all : await Find(many).ConfigureAwait(false), static study => study.Id);

        Task<IReadOnlyList<ArchiveStudy>> Find(int? days) => FindAsync(keyword, value, days, most, expand: true, StudiesOf, stop);
    }

    private static IReadOnlyList<ArchiveStudy> StudiesOf(JsonElement found) =>
    [
        .. found.EnumerateArray().Select(static study => new ArchiveStudy(
            Text(study, "ID"),
            Tag(study, "StudyDate"),
            Tag(study, "PatientName", "PatientMainDicomTags"),
            Tag(study, "PatientID", "PatientMainDicomTags"),
            Tag(study, "StudyDescription"))),
    ];

    private async Task<T> FindAsync<T>(
        string? keyword, string value, int? days, int most, bool expand, Func<JsonElement, T> read, CancellationToken stop)
    {
        JsonObject query = new() { ["ModalitiesInStudy"] = "US" };
        if (keyword is not null)
        {
            query[keyword] = value;
        }

        if (days is { } count)
        {
            query["StudyDate"] = DateTime.Today.AddDays(1 - count).ToString("yyyyMMdd'-'", CultureInfo.InvariantCulture);
        }

        JsonObject body = new() { ["Level"] = "Study", ["Expand"] = expand, ["Limit"] = most, ["Query"] = query };
        using StringContent content = new(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await AskAsync("tools/find", content, read, LongestAnswer, stop).ConfigureAwait(false);
    }

    /// <summary>An instance's file, as it was received.</summary>
    private Task<ReadOnlyMemory<byte>> GetFileAsync(string instance, Action<long>? take, CancellationToken stop) =>
        DownloadAsync(new HttpRequestMessage(HttpMethod.Get, $"instances/{instance}/file"), instance, take, LongestAnswer, stop);

    /// <summary>An instance's file, its pixels decompressed by the archive, its identifiers as they are.</summary>
    private Task<ReadOnlyMemory<byte>> GetDecompressedAsync(string instance, Action<long>? take, CancellationToken stop)
    {
        const string Body = $$"""
            {"Keep":["SOPInstanceUID","SeriesInstanceUID","StudyInstanceUID"],"Force":true,"Transcode":"{{ExplicitLittleEndian}}"}
            """;
        HttpRequestMessage request = new(HttpMethod.Post, $"instances/{instance}/modify")
        {
            Content = new StringContent(Body, Encoding.UTF8, "application/json"),
        };
        return DownloadAsync(request, instance, take, LongestWork, stop);
    }

    private Task<ReadOnlyMemory<byte>> DownloadAsync(
        HttpRequestMessage request, string instance, Action<long>? take, TimeSpan longest, CancellationToken stop) =>
        Within(longest, late => ArchiveDownload.ReadAsync(http, request, instance, take, late), stop);

    private Task<T> AskAsync<T>(string path, Func<JsonElement, T> read, CancellationToken stop) => Within(
        LongestAnswer,
        async late =>
        {
            using HttpResponseMessage response = await http.GetAsync(path, late).ConfigureAwait(false);
            return Read(await ContentOf(response, late).ConfigureAwait(false), path, read);
        },
        stop);

    private Task<T> AskAsync<T>(string path, HttpContent content, Func<JsonElement, T> read, TimeSpan longest, CancellationToken stop) =>
        Within(
            longest,
            async late =>
            {
                using HttpResponseMessage response = await http.PostAsync(path, content, late).ConfigureAwait(false);
                return Read(await ContentOf(response, late).ConfigureAwait(false), path, read);
            },
            stop);

    private async Task CommandAsync(string modality, string command, string body, TimeSpan longest, CancellationToken stop)
    {
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        string path = $"modalities/{Uri.EscapeDataString(modality)}/{command}";
        using HttpResponseMessage response =
            await Within(longest, late => http.PostAsync(path, content, late), stop).ConfigureAwait(false);
        await ContentOf(response, stop).ConfigureAwait(false);
    }

    /// <summary>Ends a call that takes too long: as one that the archive does not answer.</summary>
    private static async Task<T> Within<T>(TimeSpan longest, Func<CancellationToken, Task<T>> call, CancellationToken stop)
    {
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(longest);
        try
        {
            return await call(late.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer in {longest.TotalMinutes} minutes", e);
        }
    }

    private static async Task<byte[]> ContentOf(HttpResponseMessage response, CancellationToken stop)
    {
        byte[] content = await response.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false);
        ArchiveRefusal.Check(response, content);
        return content;
    }

    private static T Read<T>(byte[] content, string path, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument answer = JsonDocument.Parse(content);
            return read(answer.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new HttpRequestException(
                $"{path} gave {(e is JsonException ? "no JSON" : "other JSON than an Orthanc does")}: this is no Orthanc", e,
                HttpStatusCode.NotImplemented);
        }
    }

    // By identifier the ultrasound series that are no results of ours, in the order of their numbers. Where several have one description,
    // as many devices leave it empty, the number tells them apart.
    private static Dictionary<string, (int Place, string Name)> NamesOf(JsonElement series)
    {
        (string Id, int Number, string Description)[] ordered =
        [
            .. series.EnumerateArray()
                .Where(static one => Tag(one, "Modality") == "US" && Tag(one, "Manufacturer") != ResultAlgorithm.Manufacturer)
                .Select(static one => (Text(one, "ID"), Count(Tag(one, "SeriesNumber"), 0), Tag(one, "SeriesDescription")))
                .OrderBy(static one => one.Item2).ThenBy(static one => one.Item1, StringComparer.Ordinal),
        ];
        ILookup<string, int> alike = ordered.ToLookup(static one => one.Description, static one => one.Number);
        return ordered.Select((one, place) => (one.Id, Place: place, Name: NameOf(one.Description, one.Number, place)))
            .ToDictionary(static one => one.Id, static one => (one.Place, one.Name));

        string NameOf(string description, int number, int place)
        {
            int[] numbers = [.. alike[description]];
            return numbers.Length == 1 ? description
                : $"{description} #{(numbers.Distinct().Count() == numbers.Length ? number : place + 1)}".Trim();
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()
        ?? throw new FormatException($"{name} is null.");

    private static string Tag(JsonElement resource, string keyword, string tags = "MainDicomTags") =>
        resource.GetProperty(tags).TryGetProperty(keyword, out JsonElement value) ? value.GetString()?.Trim() ?? "" : "";

    private static int Count(string text, int unknown) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : unknown;
}
