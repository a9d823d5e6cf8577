using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Training.Tests.Protocol;

/// <summary>
/// Real images through decoding, resizing and normalization, against what the original code's validation transform made of them.
/// </summary>
public sealed class PublishedPreprocessingTests
{
    [Theory]
    [InlineData("benign", 1, 1)]
    [InlineData("malignant", 1, 1)]
    [InlineData("benign", 195, 3)]
    [InlineData("malignant", 53, 2)]
    public void A_case_of_BUSI_becomes_what_the_original_code_makes_of_it(string kind, int number, int masks)
    {
        string folder = Reference.Path("data", "busi", "Dataset_BUSI_with_GT", kind);
        Image image = ImageFile.Load(Path.Combine(folder, $"{kind} ({number}).png"));
        (int[] shape, byte[] expected) = ReadBytes(Reference.Path("golden", "preprocess", $"{kind}_{number}.resized_bgr_u8.npy"));
        Assert.Equal([256, 256, 3], shape);
        Image resized = image.Resize(256, 256);

        // Counted, so that a failure shows how many there are.
        int different = Enumerable.Range(0, expected.Length).Count(i => expected[i] != ValueAt(resized, i / 3, 2 - (i % 3)));
        Assert.Equal(0, different);

        Mask merged = Merge(Enumerable.Range(0, masks).Select(i =>
            ImageFile.LoadGray(Path.Combine(folder, $"{kind} ({number})_mask{(i == 0 ? "" : $"_{i}")}.png"))));
        (_, byte[] expectedMask) = ReadBytes(Reference.Path("golden", "preprocess", $"{kind}_{number}.resized_mask_u8.npy"));
        Assert.Equal(expectedMask, merged.Resize(256, 256).Pixels);

        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Reference.Path("golden", "preprocess", "cases.json")));
        JsonElement sums = document.RootElement.EnumerateArray()
            .Single(item => item.GetProperty("case").GetString() == $"{kind} ({number})");
        Assert.Equal([image.Height, image.Width], sums.GetProperty("size").EnumerateArray().Select(size => size.GetInt32()));
        Assert.Equal(sums.GetProperty("mask_positive").GetInt32(), merged.Resize(256, 256).Pixels.Count(value => value > 0));
        float[] input = new float[3 * 256 * 256];
        Preprocessing.Published.Apply(image, input);
        double[] sumPerChannel = [.. input.Chunk(256 * 256).Select(plane => plane.Sum(value => (double)value))];
        for (int c = 0; c < 3; c++)
        {
            // The reference is a sum in float32: its magnitude of some hundred ends with a bit of 3e-5, and its 65536 addends of up to
            // 0.011 were rounded once or twice more, by 5e-10 each.
            Assert.Equal(sums.GetProperty("tensor_sum_per_channel")[c].GetDouble(), sumPerChannel[c], 2e-4);
        }

        double mean = sumPerChannel.Sum() / input.Length;
        Assert.Equal(sums.GetProperty("tensor_mean").GetDouble(), mean, 1e-8);
        double deviation = Math.Sqrt(input.Sum(value => Math.Pow(value - mean, 2)) / (input.Length - 1));
        Assert.Equal(sums.GetProperty("tensor_std").GetDouble(), deviation, 1e-7);
    }

    // NumPy's format, version 1, as the reference values are written.
    private static (int[] Shape, byte[] Values) ReadBytes(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int start = 10 + BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        Match header = Regex.Match(
            Encoding.ASCII.GetString(file[10..start]), @"'descr': '\|u1'.*'fortran_order': False.*'shape': \(([\d, ]+)\)");
        Assert.True(file[6] == 1 && header.Success, path);
        return ([.. header.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)], file[start..]);
    }

    private static byte ValueAt(Image image, int pixel, int channel) =>
        image.Channels == 1 ? image.Pixels[pixel] : image.Pixels[(3 * pixel) + channel];

    private static Mask Merge(IEnumerable<Image> masks) => masks
        .Select(mask => new Mask(mask.Width, mask.Height, mask.Pixels))
        .Aggregate((a, b) => new Mask(a.Width, a.Height, [.. a.Pixels.Zip(b.Pixels, Math.Max)]));
}
