using System.Text.Json;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Weights;

/// <summary>What tests/pytorch/weights.py says of the tensors in a file.</summary>
internal static class PyTorchTensors
{
    /// <summary>The tensors that the script described, or the words with which they have to be refused.</summary>
    public static (StateDict State, string? Refusal) Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json));
        JsonElement root = document.RootElement;
        return root.ValueKind == JsonValueKind.String
            ? (new StateDict([]), root.GetString())
            : (new StateDict(root.EnumerateArray().Select(Tensor)), null);
    }

    private static WeightTensor Tensor(JsonElement row) => new(
        row[0].GetString()!,
        Enum.Parse<ElementType>(row[1].GetString()!, ignoreCase: true),
        [.. row[2].EnumerateArray().Select(size => size.GetInt32())],
        Convert.FromHexString(row[3].GetString()!));
}
