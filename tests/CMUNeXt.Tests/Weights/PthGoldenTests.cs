using System.Text.Json;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

/// <summary>Weight files that the original code wrote, against the lists of their names and shapes.</summary>
public sealed class PthGoldenTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cmunext_s")]
    [InlineData("cmunext")]
    public void Names_shapes_and_types_are_those_of_the_original_state_dict(string network)
    {
        LoadedWeights loaded = WeightsFile.Load(Reference.Path("golden", "pth", network + ".pth"));
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Golden.PathOf(network, "state_dict.json")));
        JsonElement[] expected = [.. json.RootElement.EnumerateArray()];
        Assert.Equal(expected.Length, loaded.State.Count);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i][0].GetString(), loaded.State[i].Name);
            Assert.Equal(expected[i][1].EnumerateArray().Select(v => v.GetInt32()), loaded.State[i].Shape);
            Assert.Equal(expected[i][2].GetString(), loaded.State[i].Type.ToString().ToLowerInvariant());
        }

        Assert.Null(loaded.Metadata);
        Assert.All(loaded.State.Where(t => t.Name.EndsWith("running_var", StringComparison.Ordinal)),
            t => Assert.All(t.ToSingles(), v => Assert.True(v > 0)));
    }

    [Theory]
    [InlineData("cmunext_s")]
    [InlineData("cmunext")]
    public void Pth_to_safetensors_to_pth_keeps_every_bit(string network)
    {
        StateDict original = WeightsFile.Load(Reference.Path("golden", "pth", network + ".pth")).State;
        string safetensors = folder.File("w.safetensors");
        string pth = folder.File("w.pth");
        WeightsFile.Save(safetensors, original);
        WeightsFile.Save(pth, WeightsFile.Load(safetensors).State);
        SampleWeights.AssertEqual(original, WeightsFile.Load(pth).State);
    }
}
