using CMUNeXt.Files;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

public sealed class WeightsFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Safetensors_are_recognized_by_content_not_by_name()
    {
        string path = folder.File("w.safetensors");
        WeightsFile.Save(path, SampleWeights.EveryType(), SampleWeights.Metadata());
        string renamed = folder.File("w.pth");
        File.Move(path, renamed);
        LoadedWeights loaded = WeightsFile.Load(renamed);
        SampleWeights.AssertEqual(SampleWeights.EveryType(), loaded.State);
        SampleWeights.AssertEqual(SampleWeights.Metadata(), loaded.Metadata);
    }

    [Fact]
    public void Another_ending_is_not_written() =>
        Assert.Throws<ArgumentException>(() => WeightsFile.Save(folder.File("w.bin"), SampleWeights.EveryType()));

    [Theory]
    // ModelProto: ir_version 8, then the producer's name; ir_version 7, then the operator set.
    [InlineData(new byte[] { 0x08, 0x08, 0x12, 0x07, 0x70, 0x79, 0x74, 0x6f, 0x72, 0x63, 0x68 }, "OnnxFile.Read")]
    [InlineData(new byte[] { 0x08, 0x07, 0x42, 0x04, 0x0a, 0x00, 0x10, 0x0d }, "ONNX")]
    [InlineData(new byte[0], "empty")]
    [InlineData(new byte[] { 0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a }, "not a weight file")]
    [InlineData(new byte[] { 1, 2 }, "not a weight file")]
    public void Other_files_are_refused_by_a_clear_sentence(byte[] content, string problem)
    {
        string path = folder.Write("w.pth", content);
        BadFileException e = Assert.Throws<BadFileException>(() => WeightsFile.Load(path));
        Assert.StartsWith(path + ": ", e.Message);
        Assert.Contains(problem, e.Message);
    }

    [Fact]
    public void A_folder_is_refused() =>
        Assert.Contains("folder", Assert.Throws<BadFileException>(() => WeightsFile.Load(folder.File("."))).Message);

    [Fact]
    public void A_file_over_the_limit_is_refused_before_it_is_read()
    {
        string path = folder.File("w.safetensors");
        using (FileStream stream = File.Create(path))
        {
            // Sparse: it takes no room on the disk.
            stream.SetLength(WeightsFile.MaximumLength + 1);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("read up to", Assert.Throws<BadFileException>(() => WeightsFile.Load(path)).Message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void A_missing_file_is_an_ordinary_failure_of_reading() =>
        Assert.Throws<FileNotFoundException>(() => WeightsFile.Load(folder.File("none.pth")));
}
