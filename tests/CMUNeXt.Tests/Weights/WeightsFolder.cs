namespace CMUNeXt.Tests.Weights;

/// <summary>A folder of a test's own, gone when the test ends.</summary>
internal sealed class WeightsFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cmunext-weights-");

    public string File(string name) => Path.Combine(folder.FullName, name);

    public string Write(string name, byte[] content)
    {
        System.IO.File.WriteAllBytes(File(name), content);
        return File(name);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
