using System.Globalization;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Onnx.Tests;

/// <summary>
/// A valid model with bytes flipped, cut, repeated and replaced: each is read, or refused by a BadFileException, within a bound of
/// memory. Mutations are numbered, and each follows from its number alone. The environment variable CMUNEXT_FUZZ sets how many.
/// </summary>
public class OnnxReaderFuzzTests
{
    private const int OrdinaryCount = 20_000;
    private const long MaximumAllocation = 8 << 20;

    [Fact]
    public void Mutated_models_are_read_or_refused_within_bounds()
    {
        NetworkDescription network = SmallNetwork.Describe() with
        {
            Configuration = new([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 1, 1]),
        };
        byte[] valid = SmallNetwork.Write(network, new OnnxExportOptions());
        string? setting = Environment.GetEnvironmentVariable("CMUNEXT_FUZZ");
        int count = string.IsNullOrEmpty(setting) ? OrdinaryCount : int.Parse(setting, CultureInfo.InvariantCulture);
        int refused = 0;
        for (int number = 0; number < count; number++)
        {
            byte[] content = Mutate(valid, new Random(number));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                LoadedWeights loaded = OnnxFile.Read("w.onnx", content);
                Assert.Null(NetworkCatalog.FindShapeMismatch(
                    ExpectedTensor.Of(CMUNeXtLayers.Of(
                        loaded.Metadata!.Network.Configuration!, loaded.Metadata.Network.Channels, loaded.Metadata.Network.Outputs)),
                    loaded.State));
            }
            catch (BadFileException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"mutation {number}: {e}");
            }

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaximumAllocation);
        }

        // Neither branch is idle: most mutations break something, and some only change a weight.
        Assert.InRange(refused, count / 4, count - 1);
    }

    private static byte[] Mutate(byte[] valid, Random random)
    {
        List<byte> content = [.. valid];
        for (int i = random.Next(1, 4); i > 0 && content.Count > 0; i--)
        {
            int place = random.Next(content.Count);
            int length = Math.Min(random.Next(1, 64), content.Count - place);
            switch (random.Next(5))
            {
                case 0:
                    content[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    content[place] = (byte)random.Next(256);
                    break;
                case 2:
                    content.RemoveRange(place, random.Next(8) == 0 ? content.Count - place : length);
                    break;
                case 3:
                    content.InsertRange(random.Next(content.Count), content.GetRange(place, length));
                    break;
                default:
                    // A length or a number that is as large as it can be.
                    content.InsertRange(place, [0xff, 0xff, 0xff, 0xff, (byte)(random.Next(2) * 0x0f)]);
                    break;
            }
        }

        return [.. content];
    }
}
