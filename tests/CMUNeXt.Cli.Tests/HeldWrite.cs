using System.Diagnostics;
using CMUNeXt.Files;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests;

/// <summary>
/// Holds a program in the middle of writing a file, so that what a test does then happens there for certain: where the new content would
/// lie beside the final name lies a named pipe, which takes some of the content and makes the writer wait until it is read. The file has
/// to be larger than what pipes take.
/// </summary>
internal sealed class HeldWrite : IDisposable
{
    private const int BufferOfPipes = 1 << 19;

    private readonly string path;
    private readonly string part;
    private readonly Process reader;
    private readonly MemoryStream content = new();

    /// <summary>Lays the pipe.</summary>
    /// <param name="path">The final name of the file.</param>
    public HeldWrite(string path)
    {
        this.path = path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        part = NamedPipe.At(path + AtomicFile.TemporaryEnding);

        // A reader of this runtime would lock what the program must not find locked.
        reader = Process.Start(new ProcessStartInfo("cat", [part]) { RedirectStandardOutput = true })!;
    }

    /// <summary>Waits until the program is in the middle of writing.</summary>
    public async Task Begun(CommandProcess program)
    {
        byte[] first = new byte[1];
        Task reading = reader.StandardOutput.BaseStream.ReadExactlyAsync(first).AsTask();
        Wait.Until($"write of {path}", () =>
        {
            Assert.False(program.HasExited, $"the program ended before it wrote {path}");
            return reading.IsCompleted;
        });
        await reading;
        content.Write(first);
    }

    /// <summary>Waits until the writer is gone, and leaves what a disk would: the beginning of the file, beside the final name.</summary>
    public void LeaveTorn()
    {
        // Reading makes room for more: whoever still writes would write on.
        Wait.Until($"end of the writer of {part}", () => !IsOpenElsewhere());
        byte[] beginning = ReadToEnd();
        Assert.InRange(beginning.Length, 1, BufferOfPipes);
        File.Delete(part);
        File.WriteAllBytes(part, beginning);
    }

    /// <summary>Lets the program write the rest; once it has ended, the file is in its place.</summary>
    public void LetGo(CommandProcess program)
    {
        byte[] content = ReadToEnd();
        program.WaitForExit();
        Assert.InRange(content.Length, BufferOfPipes, int.MaxValue);

        // The program has moved the pipe there.
        File.Delete(path);
        File.WriteAllBytes(path, content);
    }

    public void Dispose()
    {
        if (!reader.HasExited)
        {
            reader.Kill();
        }

        reader.Dispose();
    }

    private bool IsOpenElsewhere() => Process.GetProcesses().Any(process => process.Id != reader.Id && Opens(process.Id));

    private bool Opens(int process)
    {
        try
        {
            return Directory.GetFileSystemEntries($"/proc/{process}/fd").Any(one => new FileInfo(one).LinkTarget == part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended, or it is somebody else's.
            return false;
        }
    }

    private byte[] ReadToEnd()
    {
        reader.StandardOutput.BaseStream.CopyTo(content);
        return content.ToArray();
    }
}
