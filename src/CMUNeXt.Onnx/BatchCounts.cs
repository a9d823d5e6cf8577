using System.Runtime.InteropServices;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Onnx;

/// <summary>
/// The <c>num_batches_tracked</c> of a state dict, one for each normalization, in order. No operator takes them, and ONNX Runtime warns of
/// every initializer that no operator takes, so they are one of the model's properties: numbers with commas between them.
/// </summary>
internal static class BatchCounts
{
    public const string Key = "cmunext.num_batches_tracked";

    public static string Write(NetworkDescription description, StateDict state) =>
        string.Join(',', Tensors(description).Select(expected => state[expected.Name].ToInt64()));

    /// <summary>The tensors by name; null where the text is something else.</summary>
    public static Dictionary<string, WeightTensor>? Read(NetworkDescription description, string text)
    {
        string[] parts = text.Split(',');
        ExpectedTensor[] expected = [.. Tensors(description)];
        if (parts.Length != expected.Length)
        {
            return null;
        }

        Dictionary<string, WeightTensor> tensors = new(StringComparer.Ordinal);
        for (int i = 0; i < parts.Length; i++)
        {
            if (!Number.TryParse(parts[i], out long count))
            {
                return null;
            }

            byte[] data = new byte[sizeof(long)];
            MemoryMarshal.Write(data, count);
            tensors.Add(expected[i].Name, new WeightTensor(expected[i].Name, ElementType.Int64, [], data));
        }

        return tensors;
    }

    private static IEnumerable<ExpectedTensor> Tensors(NetworkDescription description) =>
        OnnxModel.Tensors(description).Where(tensor => tensor.Type == ElementType.Int64);
}
