using CMUNeXt.Files;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

/// <summary>Both directions against the real PyTorch.</summary>
public sealed class PyTorchTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_PyTorch_saved_is_read_bit_for_bit_or_refused()
    {
        Python.PyTorch.Run("weights.py", "write", folder.File("."));
        string[] files = Directory.GetFiles(folder.File("."), "*.pth");
        Assert.Equal((4 * 19) + 1, files.Length);
        foreach (string file in files)
        {
            (StateDict expected, string? refusal) = PyTorchTensors.Read(Path.ChangeExtension(file, ".json"));
            if (refusal is null)
            {
                SampleWeights.AssertEqual(expected, WeightsFile.Load(file).State);
            }
            else
            {
                BadFileException e = Assert.Throws<BadFileException>(() => WeightsFile.Load(file));
                Assert.Contains(refusal, e.Message);
            }
        }
    }

    [Fact]
    public void What_is_written_PyTorch_loads_bit_for_bit()
    {
        string pth = folder.File("w.pth");
        string json = folder.File("w.json");
        WeightsFile.Save(pth, SampleWeights.EveryType());
        Python.PyTorch.Run("weights.py", "dump", pth, json);
        SampleWeights.AssertEqual(SampleWeights.EveryType(), PyTorchTensors.Read(json).State);
    }

    [Fact]
    public void A_network_loads_what_is_written_strictly()
    {
        string pth = folder.File("w.pth");
        WeightsFile.Save(pth, new StateDict(
        [
            new WeightTensor("0.weight", [4, 3, 3, 3], new float[108]),
            new WeightTensor("0.bias", [4], new float[4]),
            new WeightTensor("1.weight", [4], new float[4]),
            new WeightTensor("1.bias", [4], new float[4]),
            new WeightTensor("1.running_mean", [4], new float[4]),
            new WeightTensor("1.running_var", [4], new float[4]),
            new WeightTensor("1.num_batches_tracked", ElementType.Int64, [], new byte[8]),
            new WeightTensor("2.weight", [4, 1, 5, 5], new float[100]),
            new WeightTensor("2.bias", [4], new float[4]),
            new WeightTensor("3.weight", [2, 6], new float[12]),
            new WeightTensor("3.bias", [2], new float[2]),
        ]));
        Assert.Contains("All keys matched", Python.PyTorch.Run("weights.py", "strict", pth));
    }

    [Fact]
    public void The_original_weights_survive_the_whole_way_round()
    {
        StateDict original = WeightsFile.Load(Reference.Path("golden", "pth", "cmunext_s.pth")).State;
        string pth = folder.File("w.pth");
        string json = folder.File("w.json");
        Python.PyTorch.Run("weights.py", "dump", Reference.Path("golden", "pth", "cmunext_s.pth"), json);
        SampleWeights.AssertEqual(PyTorchTensors.Read(json).State, original);
        WeightsFile.Save(pth, original);
        Python.PyTorch.Run("weights.py", "dump", pth, json);
        SampleWeights.AssertEqual(original, PyTorchTensors.Read(json).State);
    }
}
