namespace CMUNeXt.Tests;

/// <summary>
/// A file that is made to look a year old, so that whoever writes it anew shows: of two writes in one moment many file systems note the
/// same time.
/// </summary>
internal sealed class AgedFile
{
    private readonly string path;
    private readonly DateTime aged;

    public AgedFile(string path)
    {
        this.path = path;
        File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddYears(-1));

        // As the file system notes it.
        aged = File.GetLastWriteTimeUtc(path);
    }

    public bool IsWrittenAnew => File.GetLastWriteTimeUtc(path) != aged;
}
