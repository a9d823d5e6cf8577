using System.Text;
using CMUNeXt.Files;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;
using CMUNeXt.Weights.Pth;

namespace CMUNeXt.Tests.Weights;

/// <summary>
/// Valid files with bytes flipped, cut, repeated and replaced: each is read, or refused by a BadFileException, within the memory
/// that docs/reference/weights.md states. Mutations are numbered, and each follows from its number alone.
/// </summary>
public sealed class WeightsFuzzTests
{
    private const int OrdinaryCount = 120_000;

    // docs/reference/weights.md: reading allocates at most this many bytes for each byte of the file, and this many more.
    private const int AllocationFactor = 128;
    private const int AllocationConstant = 1 << 18;

    private static readonly Dictionary<string, (byte[] Valid, Func<byte[], IReadOnlyList<WeightTensor>> Read)> Targets = new()
    {
        ["zip"] = (Zip(HandMadePickle.Valid().ToArray()), Load),
        ["zip, its checksums right"] = (Checkpoint().ToArray(), static pickle => Load(Zip(pickle))),
        ["stream"] = (HandMadePickle.Valid().ToStream(("0", 2, new byte[8])), Load),
        ["stream of a checkpoint"] = (Checkpoint().ToStream(("0", 2, new byte[8]), ("1", 24, new byte[48])), Load),
        ["safetensors"] = (Safetensors(), Load),
        ["metadata"] = (Encoding.UTF8.GetBytes(WeightsMetadataJson.Write(SampleWeights.Metadata())), ReadMetadata),
    };

    public static TheoryData<string> Names => [.. Targets.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Mutated_files_are_read_or_refused_within_bounds(string name)
    {
        (byte[] valid, Func<byte[], IReadOnlyList<WeightTensor>> read) = Targets[name];
        read(valid);
        int count = Fuzz.Count(OrdinaryCount) / Targets.Count;
        int refused = 0;
        for (int number = 0; number < count; number++)
        {
            byte[] content = Mutate(valid, new Random(number));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                foreach (WeightTensor tensor in read(content))
                {
                    Assert.Equal(tensor.Shape.Aggregate(tensor.Type.Size(), (a, b) => a * b), tensor.Data.Length);
                }
            }
            catch (BadFileException e)
            {
                refused++;
                Assert.DoesNotContain('\n', e.Message);
            }
            catch (Exception e)
            {
                Assert.Fail($"Mutation {number}: {e}");
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(
                allocated <= ((long)AllocationFactor * content.Length) + AllocationConstant,
                $"Mutation {number}: {allocated} bytes of {content.Length}.");
        }

        // Some mutations harm and some do not, else nothing of interest was tried.
        Assert.InRange(refused, 1, count - 1);
    }

    [Theory]
    [InlineData("}", "")]
    [InlineData("]", "")]
    [InlineData(")", "")]
    [InlineData("(", "")]
    [InlineData("N", "")]
    [InlineData("N2", "2")]
    [InlineData("", "M\u0001\u0001")]
    [InlineData("", "U\u0001a")]
    [InlineData("", "X\0\0\0\0")]
    [InlineData("", "G\0\0\0\0\0\0\0\0")]
    [InlineData("", "\u008a\u0009\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001")]
    [InlineData("N", "\u0094")]
    [InlineData("N", "\u0085")]
    [InlineData("N", "q\u0001h\u0001")]
    [InlineData("ccollections\nOrderedDict\nq\u0001", ")Rh\u0001")]
    [InlineData("]", "]a")]
    [InlineData("]", "}a")]
    [InlineData("](", "N")]
    public void Pickles_of_one_thing_repeated_stay_within_bounds(string start, string repeated)
    {
        repeated = repeated.Length == 0 ? start : repeated;
        byte[] content = new HandMadePickle().Op(start + string.Concat(Enumerable.Repeat(repeated, 300_000 / repeated.Length))).ToArray();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<BadFileException>(() => new PickleMachine("fuzz", content).Read());
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= ((long)AllocationFactor * content.Length) + AllocationConstant, $"{allocated} bytes of {content.Length}.");
    }

    [Fact]
    public void Dictionaries_and_tensors_stay_within_bounds()
    {
        HandMadePickle pickle = new HandMadePickle().Op("}").Global("torch._utils", "_rebuild_tensor_v2").Op("q\u0001(").Storage("0", 2)
            .Integer(0)
            .Tuple([.. Enumerable.Repeat(1L, 64)]).Tuple([.. Enumerable.Repeat(1L, 64)]).Op("NNtq\u000200(");
        for (int i = 0; i < 20_000; i++)
        {
            pickle.Op("U\u0004").Raw(BitConverter.GetBytes(0x21212121 + (i % 90) + (i / 90 % 90 << 8) + (i / 8100 << 16)))
                .Op("h\u0001h\u0002R");
        }

        byte[] content = pickle.Op("u.").ToStream(("0", 2, new byte[8]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(20_000, WeightsFile.Load("fuzz", content).State.Count);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated <= ((long)AllocationFactor * content.Length) + AllocationConstant, $"{allocated} bytes of {content.Length}.");
    }

    private static StateDict Load(byte[] content) => WeightsFile.Load("fuzz", content).State;

    private static IReadOnlyList<WeightTensor> ReadMetadata(byte[] json)
    {
        WeightsMetadataJson.Read("fuzz", Encoding.UTF8.GetString(json));
        return [];
    }

    // Not as the other formats are damaged: a byte of a pickle is an instruction, and one from elsewhere in the file does more than chance.
    private static byte[] Mutate(byte[] valid, Random random)
    {
        List<byte> content = [.. valid];
        int times = 1 + random.Next(3);
        for (int i = 0; i < times && content.Count > 0; i++)
        {
            int place = random.Next(content.Count);
            int length = Math.Min(1 + random.Next(random.Next(2) == 0 ? 8 : 64), content.Count - place);
            switch (random.Next(7))
            {
                case 0:
                    content[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    content[place] = (byte)random.Next(256);
                    break;
                case 2:
                    content.RemoveRange(place, length);
                    break;
                case 3:
                    content.RemoveRange(place, content.Count - place);
                    break;
                case 4:
                    content.InsertRange(random.Next(content.Count + 1), content.GetRange(place, length));
                    break;
                case 5:
                    byte[] extreme = random.Next(4) switch
                    {
                        0 => [0, 0, 0, 0],
                        1 => [255, 255, 255, 255],
                        2 => [255, 255, 255, 127],
                        _ => [0, 0, 0, 128],
                    };
                    for (int k = 0; k < Math.Min(extreme.Length, content.Count - place); k++)
                    {
                        content[place + k] = extreme[k];
                    }

                    break;
                default:
                    // A byte that stands elsewhere in the file: more often an instruction than chance would have it.
                    content[place] = content[random.Next(content.Count)];
                    break;
            }
        }

        return [.. content];
    }

    // Two views, another type, the attributes of an OrderedDict, and what training code puts beside the state dict.
    private static HandMadePickle Checkpoint() => new HandMadePickle()
        .Op("}(").Text("epoch").Op("K\u0003").Text("lr").Op("G").Raw(0x3f, 0x84, 0x7a, 0xe1, 0x47, 0xae, 0x14, 0x7b)
        .Text("optimizer").Op("}(K\0]K\u0001K\u0002\u0086au")
        .Text("state_dict").OrderedDictionary().Op("q\u0007(")
        .Text("module.a").Tensor("0", 2, 0, [2], [1])
        .Text("module.b").Tensor("1", 24, 1, [2, 3], [12, 2], "HalfStorage")
        .Op("u}").Text("_metadata").OrderedDictionary().Op("sbu.");

    private static byte[] Zip(byte[] pickle)
    {
        using MemoryStream stream = new();
        StoredZipWriter zip = new(stream);
        zip.Add("archive/data.pkl", pickle);
        zip.Add("archive/byteorder", "little"u8);
        zip.Add("archive/data/0", new byte[8]);
        zip.Add("archive/data/1", new byte[48]);
        zip.Add("archive/version", "3\n"u8);
        zip.Finish();
        return stream.ToArray();
    }

    private static byte[] Safetensors()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("w.safetensors");
        SafetensorsFile.Write(
            path, SampleWeights.EveryType(), SampleWeights.Metadata(), new Dictionary<string, string> { ["epoch"] = "7" });
        return File.ReadAllBytes(path);
    }
}
