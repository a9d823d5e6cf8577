using CMUNeXt.Files;

namespace CMUNeXt.Cli.Prediction;

/// <summary>Videos are told by their endings, and not read.</summary>
internal static class VideoFile
{
    private static readonly string[] Endings = [".mp4", ".m4v", ".avi", ".mov", ".mkv", ".mpg", ".mpeg", ".wmv", ".webm"];

    /// <summary>What to say of a video; null for any other file.</summary>
    public static BadFileException? Refusal(string path)
    {
        if (!Endings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
        {
            return null;
        }

        string stem = Path.GetFileNameWithoutExtension(path);
        string command = ShellText.Of("ffmpeg", "-i", Path.GetFileName(path), $"{stem}/%04d.png");
        return new BadFileException(path, $"a video, which is not read: make a folder {stem}, and its frames in it with {command}");
    }
}
