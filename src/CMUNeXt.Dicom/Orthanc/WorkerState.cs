using System.Text.Json;
using CMUNeXt.Files;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>
/// How far the worker is in an archive's log of changes, in a file that is replaced as a whole. One worker has it at a time.
/// </summary>
internal sealed class WorkerState(string path) : IDisposable
{
    private FolderLock? held;

    /// <summary>Keeps the state for this worker, which is to write it at once: the file says who has it.</summary>
    /// <exception cref="BadFileException">Another worker has it.</exception>
    public void Take()
    {
        string file = RealPath.Of(path);
        try
        {
            held ??= FolderLock.Take(Path.GetDirectoryName(file) ?? file, Path.GetFileName(file));
        }
        catch (BadFileException e)
        {
            throw new BadFileException(path, $"{Holder()} has it: end that one, or name another file with --state", e);
        }
    }

    /// <summary>The number of the last change that was dealt with; null where the worker never ran.</summary>
    /// <exception cref="BadFileException">The file is no state.</exception>
    public long? Read(Uri server)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using JsonDocument state = JsonDocument.Parse(File.ReadAllBytes(path));
            string? written = state.RootElement.GetProperty("server").GetString();
            return written == server.AbsoluteUri
                ? state.RootElement.GetProperty("last").GetInt64()
                : throw new BadFileException(
                    path, $"is the state of another archive ({PrintableText.Of(written ?? "")}): name another file with --state");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new BadFileException(
                path,
                "is no state of this worker: correct it, or remove it and start once with --from-start, which stores nothing twice",
                e);
        }
    }

    /// <summary>Notes that all changes up to one are dealt with.</summary>
    public void Write(Uri server, long last)
    {
        MemoryStream content = new();
        using (Utf8JsonWriter json = new(content))
        {
            json.WriteStartObject();
            json.WriteString("server", server.AbsoluteUri);
            json.WriteNumber("last", last);
            json.WriteString("worker", $"process {Environment.ProcessId} of {Environment.MachineName}");
            json.WriteEndObject();
        }

        AtomicFile.WriteBytes(path, content.ToArray());
    }

    /// <summary>Gives the state back.</summary>
    public void Dispose() => held?.Dispose();

    private string Holder()
    {
        try
        {
            using JsonDocument state = JsonDocument.Parse(File.ReadAllBytes(path));
            return $"the worker in {state.RootElement.GetProperty("worker").GetString()}";
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return "another worker";
        }
    }
}
