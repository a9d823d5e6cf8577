namespace CMUNeXt.Onnx.Tests;

/// <summary>A folder of a test's own, gone when the test ends.</summary>
internal sealed class OnnxFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cmunext-onnx-");

    public string File(string name) => Path.Combine(folder.FullName, name);

    public string[] Files => Directory.GetFiles(folder.FullName);

    public void Dispose() => folder.Delete(recursive: true);
}
