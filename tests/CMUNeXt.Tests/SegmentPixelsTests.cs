using System.Runtime.InteropServices;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests.Engine.Inference;
using CMUNeXt.Tests.Weights;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests;

/// <summary>The sample that uses this library as a developer does, compiled ahead of time.</summary>
public sealed class SegmentPixelsTests
{
    private const int Width = 48;
    private const int Height = 32;
    private const int Stride = (4 * Width) + 12;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Compiled_ahead_of_time_it_equals_the_plain_network(bool arm)
    {
        using TemporaryFolder folder = new();
        string program = AheadOfTime.Publish("samples/SegmentPixels", "SegmentPixels", folder.File("build"), arm);

        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        StateDict state = SampleNetwork.Weights(network);
        Preprocessing preprocessing = Preprocessing.Published with { Width = Width, Height = Height, Divisor = 1 };
        byte[] bytes = new byte[Stride * Height];
        new Random(11).NextBytes(bytes);
        float[] input = new float[3 * Width * Height];
        preprocessing.Apply(new PixelBuffer(bytes, Width, Height, Stride, PixelFormat.Bgra32), input);
        double[] expected = [.. PlainNetwork.Forward(network, state, input, Height, Width).Select(logit => 1 / (1 + Math.Exp(-logit)))];
        double threshold = expected.Order().ElementAt(expected.Length / 2);
        string weights = folder.File("some.safetensors");
        WeightsFile.Save(weights, state, new WeightsMetadata { Network = network, Preprocessing = preprocessing, Threshold = threshold });
        string pixels = folder.Write("pixels", bytes);
        string result = folder.File("result");

        (int incomplete, string usage) = AheadOfTime.Run(program, arm);
        Assert.Equal((2, "SegmentPixels WEIGHTS PIXELS WIDTH HEIGHT STRIDE OUTPUT"), (incomplete, usage.Trim()));

        (int status, string output) = AheadOfTime.Run(program, arm, weights, pixels, $"{Width}", $"{Height}", $"{Stride}", result);
        Assert.True(status == 0, output);
        Assert.Contains(" pixels in ", output, StringComparison.Ordinal);

        // The file that comes with the package chose it: left alone, the compiler takes the first x64 processors.
        Assert.Contains(arm ? "Vector128" : "AVX2", output, StringComparison.OrdinalIgnoreCase);
        float[] probability = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes($"{result}.probability")).ToArray();
        byte[] mask = File.ReadAllBytes($"{result}.mask");
        Assert.Equal(expected.Length, probability.Length);
        double largest = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i] - probability[i]));
            if (Math.Abs(expected[i] - threshold) > 1e-4)
            {
                Assert.Equal(expected[i] > threshold ? 1 : 0, mask[i]);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"largest difference of a probability {largest:e1}, of {expected.Min():f3} to {expected.Max():f3}");
        Assert.InRange(largest, 0, 1e-6);
        Assert.InRange(mask.Count(label => label == 1), mask.Length / 4, mask.Length * 3 / 4);
    }

    [Fact]
    public void The_readme_of_the_package_shows_its_lines()
    {
        string readme = File.ReadAllText(Repository.Path("src", "CMUNeXt", "README.md"));
        string program = File.ReadAllText(Repository.Path("samples", "SegmentPixels", "Program.cs"));
        int start = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        string[] shown = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)].Split(
            '\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(shown.Length >= 5);
        Assert.All(shown, line => Assert.Contains(line.Trim(), program, StringComparison.Ordinal));
    }
}
