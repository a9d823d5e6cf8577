using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>The calls of Orthanc's REST interface that the worker makes.</summary>
internal sealed class OrthancClient : IDisposable
{
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    private readonly HttpClient http;

    /// <summary>Makes a client; nothing is asked yet.</summary>
    /// <param name="address">The server's address; a user and a password may stand in it.</param>
    public OrthancClient(Uri address)
    {
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

    /// <summary>The server's address, without a password.</summary>
    public Uri Address { get; }

    /// <summary>The server's version; fails where there is something else than an Orthanc.</summary>
    public async Task<string> GetVersionAsync(CancellationToken stop)
    {
        using JsonDocument system = await GetJsonAsync("system", stop);
        return system.RootElement.GetProperty("Version").GetString() ?? "";
    }

    /// <summary>The number of the last change.</summary>
    public async Task<long> GetLastChangeAsync(CancellationToken stop)
    {
        using JsonDocument changes = await GetJsonAsync("changes?last", stop);
        return changes.RootElement.GetProperty("Last").GetInt64();
    }

    /// <summary>The next changes after one, the oldest first.</summary>
    public async Task<IReadOnlyList<ArchiveChange>> GetChangesAsync(long since, CancellationToken stop)
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
    public async Task<IReadOnlyDictionary<string, string>> GetTagsAsync(string instance, CancellationToken stop)
    {
        using JsonDocument tags = await GetJsonAsync($"instances/{instance}/simplified-tags", stop);
        return tags.RootElement.EnumerateObject().Where(static tag => tag.Value.ValueKind == JsonValueKind.String)
            .ToDictionary(static tag => tag.Name, static tag => tag.Value.GetString()!.Trim());
    }

    /// <summary>An instance's file, as it was received.</summary>
    public Task<byte[]> GetFileAsync(string instance, CancellationToken stop) => http.GetByteArrayAsync($"instances/{instance}/file", stop);

    /// <summary>An instance's file, its pixels decompressed by the server, its identifiers as they are.</summary>
    public async Task<byte[]> GetDecompressedAsync(string instance, CancellationToken stop)
    {
        const string Body = $$"""
            {"Keep":["SOPInstanceUID","SeriesInstanceUID","StudyInstanceUID"],"Force":true,"Transcode":"{{ExplicitLittleEndian}}"}
            """;
        using StringContent content = new(Body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync($"instances/{instance}/modify", content, stop);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsByteArrayAsync(stop);
    }

    /// <summary>Stores a file; one that the server has already stays as it is.</summary>
    /// <returns>The server's identifier of it.</returns>
    public async Task<string> StoreAsync(string path, CancellationToken stop)
    {
        using StreamContent content = new(File.OpenRead(path));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/dicom");
        using HttpResponseMessage response = await http.PostAsync("instances", content, stop);
        response.EnsureSuccessStatusCode();
        using JsonDocument stored = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(stop));
        return stored.RootElement.GetProperty("ID").GetString() ?? "";
    }

    /// <summary>Has the server send stored instances on.</summary>
    /// <param name="modality">The receiver, as the server's configuration names it.</param>
    /// <param name="instances">The server's identifiers.</param>
    /// <param name="stop">Ends the call.</param>
    public async Task SendAsync(string modality, IReadOnlyList<string> instances, CancellationToken stop)
    {
        string body = $"[{string.Join(',', instances.Select(static instance => $"\"{instance}\""))}]";
        using StringContent content = new(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync($"modalities/{Uri.EscapeDataString(modality)}/store", content, stop);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose() => http.Dispose();

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
}

/// <summary>A line of the archive's log of changes.</summary>
/// <param name="Number">Its number; a later change has a larger one.</param>
/// <param name="Type">What happened, such as NewInstance.</param>
/// <param name="Instance">To what: the server's identifier.</param>
internal sealed record ArchiveChange(long Number, string Type, string Instance);
