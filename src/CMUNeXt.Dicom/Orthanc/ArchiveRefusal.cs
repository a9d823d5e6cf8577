using System.Net;
using System.Text.Json;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>How an archive answers where it does not do something: an Orthanc with a reason, a proxy before it by a status alone.</summary>
internal static class ArchiveRefusal
{
    // How an Orthanc says that its disk is full, with the status of any failure.
    private const string NoRoom = "Cannot write to file";

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
            string? reason = ReasonIn(content);
            bool lacksRoom = reason is not null && reason.StartsWith(NoRoom, StringComparison.Ordinal);
            throw new HttpRequestException(
                reason ?? $"it answers with the status {(int)response.StatusCode} {response.ReasonPhrase}".TrimEnd(), null,
                lacksRoom ? HttpStatusCode.InsufficientStorage : response.StatusCode);
        }
    }

    private static string? ReasonIn(byte[] content)
    {
        try
        {
            using JsonDocument failure = JsonDocument.Parse(content);
            string? message = failure.RootElement.GetProperty("Message").GetString();
            return message is not null && failure.RootElement.TryGetProperty("Details", out JsonElement details)
                ? $"{message}: {details}"
                : message;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
