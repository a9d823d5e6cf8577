using System.Runtime.InteropServices;
using System.Text.Json;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests;

/// <summary>What the original code computed, and the weights that it was given by formula.</summary>
internal static class Golden
{
    /// <summary>The state dict of a reference network, filled by formula.</summary>
    public static StateDict Fill(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Reference.Path("golden", name, "state_dict.json")));
        return new StateDict(document.RootElement.EnumerateArray().Select((tensor, place) =>
        {
            string tensorName = tensor[0].GetString()!;
            int[] shape = [.. tensor[1].EnumerateArray().Select(size => size.GetInt32())];
            return tensor[2].GetString() == "int64"
                ? new WeightTensor(tensorName, ElementType.Int64, shape, new byte[8])
                : new WeightTensor(tensorName, shape, Formula.Fill(tensorName, shape, place));
        }).ToArray());
    }

    /// <summary>The tensors that a reference network has to hold, in order.</summary>
    public static IReadOnlyList<(string Name, string Shape)> Tensors(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Reference.Path("golden", name, "state_dict.json")));
        return [.. document.RootElement.EnumerateArray().Select(tensor =>
            (tensor[0].GetString()!, string.Join('x', tensor[1].EnumerateArray().Select(size => size.GetInt32()))))];
    }

    /// <summary>The largest difference, relative to the largest expected value.</summary>
    public static double RelativeDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double difference = 0;
        double largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            difference = Math.Max(difference, Math.Abs((double)expected[i] - actual[i]));
            largest = Math.Max(largest, Math.Abs(expected[i]));
        }

        return difference / largest;
    }

    /// <summary>The four reference networks of the CMUNeXt family.</summary>
    public static NetworkDescription Describe(string name) => name switch
    {
        "cmunext_s" => NetworkCatalog.Describe("cmunext-s"),
        "cmunext" => NetworkCatalog.Describe("cmunext"),
        "cmunext_l" => NetworkCatalog.Describe("cmunext-l"),
        "cmunext_s_gray_4class" => NetworkCatalog.Describe("cmunext-s", channels: 1, outputs: 4),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
