using System.Runtime.InteropServices;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests;

/// <summary>What the original code computed, and the weights that it was given by formula: tests/golden.</summary>
internal static class Golden
{
    // One in so many values is kept.
    private const int Stride = 17;

    /// <summary>The full path of a file of reference values.</summary>
    public static string PathOf(params string[] parts) => Repository.Path(["tests", "golden", .. parts]);

    /// <summary>Holds a network to the logits that the original code computed.</summary>
    /// <param name="name">The reference network's folder.</param>
    /// <param name="network">That network, with the weights of <see cref="Fill"/>.</param>
    public static void AssertComputes(string name, Network network) =>
        AssertComputes(name, (input, shape) => network.Forward(input, shape[0], shape[2], shape[3]));

    /// <inheritdoc cref="AssertComputes(string, Network)"/>
    /// <param name="name">The reference network's folder.</param>
    /// <param name="compute">Gives the logits of an input and its shape.</param>
    public static void AssertComputes(string name, Func<float[], int[], float[]> compute)
    {
        int[] shape = Summary(name).Input;
        float[] input = Formula.Input(1000, shape.Aggregate(1L, static (product, size) => product * size));
        Assert.InRange(RelativeDifference(Samples(name, "logits.npy"), Sample(compute(input, shape))), 0, 1e-4);
    }

    /// <summary>The samples of an array.</summary>
    public static float[] Samples(params string[] parts) => NpyFile.ReadSingles(PathOf(parts)).Values;

    /// <summary>The values of an output that samples are kept of.</summary>
    public static float[] Sample(float[] values) => [.. values.Where((_, i) => i % Stride == 0)];

    /// <summary>The state dict of a reference network, filled by formula.</summary>
    /// <param name="name">The network's folder.</param>
    /// <param name="built">
    /// The tensors that it is built with: index tables and masks of attention are not filled, and keep these values. Other networks have
    /// none.
    /// </param>
    public static StateDict Fill(string name, StateDict? built = null)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(PathOf(name, "state_dict.json")));
        return new StateDict(document.RootElement.EnumerateArray().Select((tensor, place) =>
        {
            string tensorName = tensor[0].GetString()!;
            int[] shape = [.. tensor[1].EnumerateArray().Select(size => size.GetInt32())];
            bool counted = tensorName.EndsWith("num_batches_tracked", StringComparison.Ordinal);
            return counted ? new WeightTensor(tensorName, ElementType.Int64, shape, new byte[8])
                : tensor[2].GetString() == "int64" || tensorName.EndsWith("attn_mask", StringComparison.Ordinal) ? built![tensorName]
                : new WeightTensor(tensorName, shape, Formula.Fill(tensorName, shape, place));
        }).ToArray());
    }

    /// <summary>The tensors that a reference network has to hold, in order.</summary>
    public static IReadOnlyList<(string Name, string Shape, string Type)> Tensors(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(PathOf(name, "state_dict.json")));
        return [.. document.RootElement.EnumerateArray().Select(tensor =>
            (tensor[0].GetString()!,
            string.Join('x', tensor[1].EnumerateArray().Select(size => size.GetInt32())),
            tensor[2].GetString()!))];
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

    /// <summary>The parameters and the multiply-accumulates of a reference network, and the shape of its input.</summary>
    public static (long Parameters, long Macs, int[] Input) Summary(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(PathOf("summary.json")));
        JsonElement summary = document.RootElement.GetProperty(name);
        return (summary.GetProperty("parameters").GetInt64(), summary.GetProperty("macs_conv_linear").GetInt64(),
            [.. summary.GetProperty("input").EnumerateArray().Select(size => size.GetInt32())]);
    }

    /// <summary>A reference network, by its folder.</summary>
    public static NetworkDescription Describe(string name) => name == "cmunext_s_gray_4class"
        ? NetworkCatalog.Describe("cmunext-s", channels: 1, outputs: 4)
        : NetworkCatalog.Describe(name.Replace('_', '-'));
}
