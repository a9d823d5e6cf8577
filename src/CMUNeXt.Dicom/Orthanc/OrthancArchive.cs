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

    private readonly HttpClient http;

    /// <summary>Names an archive; nothing is asked yet.</summary>
    /// <param name="address">Its address, such as http://localhost:8042; a user and a password may stand in it.</param>
    public OrthancArchive(Uri address)
    {
        ArgumentNullException.ThrowIfNull(address);
        UriBuilder plain = new(address) { UserName = "", Password = "" };
        plain.Path = plain.Path.TrimEnd('/') + "/";
        Address = plain.Uri;
        http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(5) };
        if (address.UserInfo.Length > 0)
        {
            byte[] user = Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo));
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(user));
        }
    }

    /// <summary>Its address, without a password.</summary>
    public Uri Address { get; }

    /// <summary>Finds the studies that have ultrasound images.</summary>
    /// <param name="search">A part of the patient's name, or of the patient's identifier; empty takes every study.</param>
    /// <param name="most">The most studies that are found, at least 1; of more, the archive chooses.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>The studies, the newest first.</returns>
    public async Task<IReadOnlyList<ArchiveStudy>> FindStudiesAsync(string search, int most, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(search);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);

        // A backslash would begin another value.
        string part = search.Replace('\\', '?').Trim();
        IEnumerable<ArchiveStudy> found = part.Length == 0
            ? await FindStudiesAsync(null, "", most, stop).ConfigureAwait(false)
            : (await FindStudiesAsync("PatientName", $"*{part}*", most, stop).ConfigureAwait(false))
                .UnionBy(
                    await FindStudiesAsync("PatientID", $"*{part}*", most, stop).ConfigureAwait(false), static study => study.Id);
        return [.. found.OrderByDescending(static study => study.Date, StringComparer.Ordinal).Take(most)];
    }

    /// <summary>Finds the ultrasound images of a study that are no results of ours.</summary>
    /// <param name="study">The archive's identifier of the study.</param>
    /// <param name="stop">Ends the call.</param>
    /// <returns>The images, series by series, each in the order of their numbers.</returns>
    public async Task<IReadOnlyList<ArchiveInstance>> FindInstancesAsync(string study, CancellationToken stop)
    {
        using JsonDocument series = await GetJsonAsync($"studies/{study}/series", stop).ConfigureAwait(false);
        Dictionary<string, string> descriptions = series.RootElement.EnumerateArray()
            .Where(static one => Tag(one, "Modality") == "US" && Tag(one, "Manufacturer") != ResultAlgorithm.Manufacturer)
            .ToDictionary(static one => one.GetProperty("ID").GetString()!, static one => Tag(one, "SeriesDescription"));
        using JsonDocument instances = await GetJsonAsync($"studies/{study}/instances", stop).ConfigureAwait(false);
        return
        [
            .. instances.RootElement.EnumerateArray()
                .Select(one => (Series: descriptions.GetValueOrDefault(one.GetProperty("ParentSeries").GetString()!), Instance: one))
                .Where(static one => one.Series is not null)
                .Select(static one => new ArchiveInstance(
                    one.Instance.GetProperty("ID").GetString()!,
                    one.Series!,
                    Count(Tag(one.Instance, "InstanceNumber"), 0),
                    Math.Max(1, Count(Tag(one.Instance, "NumberOfFrames"), 1))))
                .OrderBy(static one => one.Series, StringComparer.Ordinal).ThenBy(static one => one.Number),
        ];
    }

    /// <summary>The bytes of an instance's file.</summary>
    /// <param name="instance">The archive's identifier.</param>
    /// <param name="stop">Ends the call.</param>
    public async Task<long> GetSizeAsync(string instance, CancellationToken stop)
    {
        using JsonDocument found = await GetJsonAsync($"instances/{instance}", stop).ConfigureAwait(false);
        return found.RootElement.GetProperty("FileSize").GetInt64();
    }

    /// <summary>Fetches and opens an instance; what this reader does not decode, the archive does.</summary>
    /// <param name="instance">The archive's identifier.</param>
    /// <param name="limits">What it may cost; <see cref="DicomLimits.Default"/> if not given.</param>
    /// <param name="stop">Ends the call.</param>
    /// <exception cref="BadFileException">It is no file that is read.</exception>
    public async Task<DicomFile> OpenAsync(string instance, DicomLimits? limits, CancellationToken stop)
    {
        byte[] content = await GetFileAsync(instance, stop).ConfigureAwait(false);
        try
        {
            return DicomFile.Parse(content, instance, limits);
        }
        catch (BadFileException notRead)
        {
            try
            {
                return DicomFile.Parse(await GetDecompressedAsync(instance, stop).ConfigureAwait(false), instance, limits);
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
        using HttpResponseMessage response = await http.PostAsync("instances", content, stop).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        using JsonDocument stored = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false));
        return stored.RootElement.GetProperty("ID").GetString() ?? "";
    }

    /// <summary>Ends the connections.</summary>
    public void Dispose() => http.Dispose();

    /// <summary>The archive's version; fails where there is something else than an Orthanc.</summary>
    internal async Task<string> GetVersionAsync(CancellationToken stop)
    {
        using JsonDocument system = await GetJsonAsync("system", stop);
        return system.RootElement.GetProperty("Version").GetString() ?? "";
    }

    /// <summary>The number of the last change.</summary>
    internal async Task<long> GetLastChangeAsync(CancellationToken stop)
    {
        using JsonDocument changes = await GetJsonAsync("changes?last", stop);
        return changes.RootElement.GetProperty("Last").GetInt64();
    }

    /// <summary>The next changes after one, the oldest first.</summary>
    internal async Task<IReadOnlyList<ArchiveChange>> GetChangesAsync(long since, CancellationToken stop)
    {
        using JsonDocument changes = await GetJsonAsync($"changes?since={since.ToString(CultureInfo.InvariantCulture)}&limit=100", stop);
        return
        [
            .. changes.RootElement.GetProperty("Changes").EnumerateArray().Select(static change => new ArchiveChange(
                change.GetProperty("Seq").GetInt64(),
                change.GetProperty("ChangeType").GetString() ?? "",
                change.GetProperty("ID").GetString() ?? "")),
        ];
    }

    /// <summary>An instance's attributes by keyword: those that are plain texts.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> GetTagsAsync(string instance, CancellationToken stop)
    {
        using JsonDocument tags = await GetJsonAsync($"instances/{instance}/simplified-tags", stop);
        return tags.RootElement.EnumerateObject().Where(static tag => tag.Value.ValueKind == JsonValueKind.String)
            .ToDictionary(static tag => tag.Name, static tag => tag.Value.GetString()!.Trim());
    }

    /// <summary>Has the archive send stored instances on.</summary>
    /// <param name="modality">The receiver, as the archive's configuration names it.</param>
    /// <param name="instances">The archive's identifiers.</param>
    /// <param name="stop">Ends the call.</param>
    internal async Task SendAsync(string modality, IReadOnlyList<string> instances, CancellationToken stop)
    {
        string body = $"[{string.Join(',', instances.Select(static instance => $"\"{instance}\""))}]";
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync($"modalities/{Uri.EscapeDataString(modality)}/store", content, stop);
        response.EnsureSuccessStatusCode();
    }

    private async Task<IReadOnlyList<ArchiveStudy>> FindStudiesAsync(
        string? keyword, string value, int most, CancellationToken stop)
    {
        JsonObject query = new() { ["ModalitiesInStudy"] = "US" };
        if (keyword is not null)
        {
            query[keyword] = value;
        }

        JsonObject body = new() { ["Level"] = "Study", ["Expand"] = true, ["Limit"] = most, ["Query"] = query };
        using StringContent content = new(body.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync("tools/find", content, stop).ConfigureAwait(false);
        response.EnsureSuccessStatusCode();
        using JsonDocument found = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false));
        return
        [
            .. found.RootElement.EnumerateArray().Select(static study => new ArchiveStudy(
                study.GetProperty("ID").GetString()!,
                Tag(study, "StudyDate"),
                Tag(study, "PatientName", "PatientMainDicomTags"),
                Tag(study, "PatientID", "PatientMainDicomTags"),
                Tag(study, "StudyDescription"))),
        ];
    }

    /// <summary>An instance's file, as it was received.</summary>
    private Task<byte[]> GetFileAsync(string instance, CancellationToken stop) =>
        http.GetByteArrayAsync($"instances/{instance}/file", stop);

    /// <summary>An instance's file, its pixels decompressed by the archive, its identifiers as they are.</summary>
    private async Task<byte[]> GetDecompressedAsync(string instance, CancellationToken stop)
    {
        const string Body = $$"""
            {"Keep":["SOPInstanceUID","SeriesInstanceUID","StudyInstanceUID"],"Force":true,"Transcode":"{{ExplicitLittleEndian}}"}
            """;
        using StringContent content = new(Body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync($"instances/{instance}/modify", content, stop);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(stop);
    }

    private async Task<JsonDocument> GetJsonAsync(string path, CancellationToken stop)
    {
        using HttpResponseMessage response = await http.GetAsync(path, stop);
        response.EnsureSuccessStatusCode();
        try
        {
            return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(stop));
        }
        catch (JsonException e)
        {
            throw new HttpRequestException($"{path} gave no JSON: this is no Orthanc", e, HttpStatusCode.NotImplemented);
        }
    }

    private static string Tag(JsonElement resource, string keyword, string tags = "MainDicomTags") =>
        resource.GetProperty(tags).TryGetProperty(keyword, out JsonElement value) ? value.GetString()!.Trim() : "";

    private static int Count(string text, int unknown) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : unknown;
}
