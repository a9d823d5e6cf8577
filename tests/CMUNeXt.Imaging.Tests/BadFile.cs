using CMUNeXt.Files;

namespace CMUNeXt.Imaging.Tests;

/// <summary>What every refusal of a file has to be.</summary>
internal static class BadFile
{
    /// <summary>Decoding must be refused in one line that names the file and holds a phrase.</summary>
    public static void Expect(byte[] file, string phrase, ImageLimits? limits = null)
    {
        BadFileException e = Assert.Throws<BadFileException>(() => ImageFile.Decode(file, "the file", limits));
        Check(e, "the file", phrase);
    }

    public static void Check(BadFileException e, string path, string phrase)
    {
        Assert.StartsWith(path + ": ", e.Message, StringComparison.Ordinal);
        Assert.Equal(path, e.Path);
        Assert.Contains(phrase, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }
}
