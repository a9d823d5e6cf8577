using System.Net;
using System.Text.Json;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>How an archive answers where it does not do something: an Orthanc with a reason, a proxy before it by a status alone.</summary>
internal static class ArchiveRefusal
{
    /// <summary>Checks that an answer is no refusal.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="content">Its content, where that is at hand.</param>
    /// <exception cref="HttpRequestException">
    /// It is one, with the reason in the archive's words; of status 507 where the archive has no room.
    /// </exception>
    public static void Check(HttpResponseMessage response, byte[] content)
    {
        if (!response.IsSuccessStatusCode)
        {
            (string? reason, bool lacksRoom) = Read(content);
            throw new HttpRequestException(
                reason ?? $"it answers with the status {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd(), null,
                lacksRoom ? HttpStatusCode.InsufficientStorage : response.StatusCode);
        }
    }

    // Of a file that cannot be written, a full storage, SQLite, and a folder of the storage: none is the fault of what is to be stored.
    private static bool IsOfRoom(int orthancStatus) => orthancStatus is 14 or 19 or (>= 1000 and <= 1015) or 2001;

    private static (string? Reason, bool LacksRoom) Read(byte[] content)
    {
        try
        {
            using JsonDocument failure = JsonDocument.Parse(content);
            string? message = failure.RootElement.GetProperty("Message").GetString();
            string? reason = message is not null && failure.RootElement.TryGetProperty("Details", out JsonElement details)
                ? $"{message}: {details}"
                : message;
            return (
                reason,
                failure.RootElement.TryGetProperty("OrthancStatus", out JsonElement status)
                    && status.TryGetInt32(out int number) && IsOfRoom(number));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return (null, false);
        }
    }
}
