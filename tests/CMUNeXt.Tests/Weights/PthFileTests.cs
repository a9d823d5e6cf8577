using System.IO.Compression;
using CMUNeXt.Files;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

/// <summary>The two formats of torch.save, with files made by hand: what is read, and what is refused.</summary>
public sealed class PthFileTests : IDisposable
{
    private static readonly byte[] TwoNumbers = [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_type_survives_bit_for_bit_in_order()
    {
        string path = folder.File("w.pth");
        WeightsFile.Save(path, SampleWeights.EveryType(), SampleWeights.Metadata());
        LoadedWeights loaded = WeightsFile.Load(path);
        SampleWeights.AssertEqual(SampleWeights.EveryType(), loaded.State);
        Assert.Null(loaded.Metadata);
    }

    [Fact]
    public void What_is_written_is_a_zip_archive_with_its_data_at_multiples_of_64()
    {
        string path = folder.File("w.pth");
        PthFile.Write(path, new StateDict([new WeightTensor("a", [2], [1f, -2.5f]), new WeightTensor("b", [1], [7f])]));
        byte[] content = File.ReadAllBytes(path);
        Assert.Equal(0, HandMadeZip.Find(content, TwoNumbers) % 64);
        using ZipArchive zip = ZipFile.OpenRead(path);
        Assert.Equal(
            ["archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/data/1", "archive/version"],
            zip.Entries.Select(e => e.FullName));
        using Stream first = zip.GetEntry("archive/data/0")!.Open();
        byte[] data = new byte[8];
        first.ReadExactly(data);
        Assert.Equal(TwoNumbers, data);
        Assert.All(zip.Entries, e => Assert.Equal(e.Length, e.CompressedLength));
    }

    [Fact]
    public void More_tensors_than_an_archive_holds_are_not_written()
    {
        StateDict state = new(Enumerable.Range(0, 65_001).Select(i => new WeightTensor($"t{i}", ElementType.UInt8, [0], default)));
        Assert.Throws<ArgumentException>(() => PthFile.Write(folder.File("w.pth"), state));
    }

    [Fact]
    public void A_file_made_by_hand_is_read_in_both_formats()
    {
        foreach (byte[] content in new[] { HandMadeZip.Pth(HandMadePickle.Valid()), HandMadePickle.Valid().ToStream(("0", 2, TwoNumbers)) })
        {
            WeightTensor tensor = Assert.Single(WeightsFile.Load("hand", content).State);
            Assert.Equal("a", tensor.Name);
            Assert.Equal([2], tensor.Shape);
            Assert.Equal([1f, -2.5f], tensor.ToSingles());
        }
    }

    [Fact]
    public void Views_are_made_contiguous()
    {
        float[] values = [.. Enumerable.Range(0, 24).Select(i => (float)i)];
        byte[] data = [.. values.SelectMany(BitConverter.GetBytes)];
        foreach ((long offset, long[] sizes, long[] strides) in new (long, long[], long[])[]
        {
            (0, [24], [1]), (4, [2, 3], [3, 1]), (0, [3, 4], [1, 3]), (23, [], []), (1, [2, 2, 2], [12, 1, 5]), (5, [3, 1, 2], [2, 99, 0]),
            (23, [0, 9], [1, 1]),
        })
        {
            byte[] content = HandMadeZip.Pth(
                HandMadePickle.StateDict(p => p.Tensor("0", 24, offset, sizes, strides)).ToArray(), ("data/0", data));
            Assert.Equal(Slow(values, offset, sizes, strides), WeightsFile.Load("hand", content).State["a"].ToSingles());
        }
    }

    [Fact]
    public void The_byte_order_is_honored()
    {
        byte[] pickle = HandMadePickle.Valid().ToArray();
        Assert.Single(WeightsFile.Load("hand", HandMadeZip.Pth(pickle, ("byteorder", "little"u8.ToArray()), ("data/0", TwoNumbers))).State);
        Refused(HandMadeZip.Pth(pickle, ("byteorder", "big"u8.ToArray()), ("data/0", TwoNumbers)), "big-endian");
        Refused([.. HandMadePickle.StreamStart(0x89), .. pickle], "big-endian");
    }

    [Fact]
    public void The_smallest_checksum_is_checked()
    {
        byte[] content = HandMadeZip.Pth(HandMadePickle.Valid());
        content[HandMadeZip.Find(content, TwoNumbers)] ^= 1;
        Refused(content, "checksum");
        content = HandMadeZip.Pth(HandMadePickle.Valid());
        content[HandMadeZip.Find(content, "_rebuild_tensor_v2"u8.ToArray())] ^= 1;
        Refused(content, "checksum");
    }

    [Fact]
    public void A_compressed_entry_is_refused_before_it_is_unpacked()
    {
        // 64 MiB of zeros in a few kilobytes.
        byte[] bomb = HandMadeZip.Of(
            CompressionLevel.Optimal,
            ("archive/data.pkl", HandMadePickle.StateDict(p => p.Tensor("0", 1 << 24, 0, [1 << 24], [1])).ToArray()),
            ("archive/data/0", new byte[1 << 26]));
        Assert.True(bomb.Length < 1 << 17);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refused(bomb, "compressed");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Entries_that_overlap_are_refused()
    {
        // The directory is made to send one entry to a header of the same name inside the data of another entry.
        byte[] inner = HandMadeZip.Pth([], ("data/0", TwoNumbers));
        byte[] content = HandMadeZip.Pth(HandMadePickle.Valid().ToArray(), ("data/1", inner), ("data/0", TwoNumbers));
        int target = HandMadeZip.Find(content, "archive/data/0"u8.ToArray()) - 30;
        int entry = content.AsSpan().LastIndexOf("archive/data/0"u8) - 46;
        BitConverter.GetBytes(target).CopyTo(content, entry + 42);
        Refused(content, "overlap");
    }

    [Fact]
    public void An_entry_that_stands_twice_is_refused() => Refused(
        HandMadeZip.Pth(HandMadePickle.Valid().ToArray(), ("data/0", TwoNumbers), ("data/0", TwoNumbers)), "twice");

    [Fact]
    public void An_encrypted_entry_is_refused()
    {
        byte[] content = HandMadeZip.Pth(HandMadePickle.Valid());
        content[content.AsSpan().LastIndexOf("archive/data/0"u8) - 46 + 8] |= 1;
        Refused(content, "encrypted");
    }

    [Fact]
    public void Damaged_archives_are_refused()
    {
        byte[] content = HandMadeZip.Pth(HandMadePickle.Valid());
        Refused(content[..^1], "cut short");
        Refused(content[..200], "cut short");
        Refused(HandMadeZip.Of(CompressionLevel.NoCompression, ("word/document.xml", TwoNumbers)), "no data.pkl");
        Refused(HandMadeZip.Of(CompressionLevel.NoCompression, ("a/data.pkl", []), ("b/data.pkl", [])), "two folders");
        Refused(HandMadeZip.Pth(HandMadePickle.Valid().ToArray()), "archive/data/0 is missing");
        Refused(HandMadeZip.Pth(HandMadePickle.Valid().ToArray(), ("data/0", new byte[7])), "7 bytes");
        Refused(HandMadeZip.Pth(HandMadePickle.Valid().ToArray(), ("data/0", new byte[12])), "12 bytes");

        // The local header names another entry than the directory.
        byte[] other = HandMadeZip.Pth(HandMadePickle.Valid());
        other[HandMadeZip.Find(other, "archive/data/0"u8.ToArray()) + 13] = (byte)'1';
        Refused(other, "does not agree");
    }

    [Fact]
    public void TorchScript_is_refused_by_its_name()
    {
        byte[] pickle = HandMadePickle.Valid().ToArray();
        Refused(HandMadeZip.Pth(pickle, ("constants.pkl", []), ("data/0", TwoNumbers)), "TorchScript");
        Refused(HandMadeZip.Pth(pickle, ("code/__torch__.py", []), ("data/0", TwoNumbers)), "TorchScript");
    }

    [Fact]
    public void Damaged_streams_are_refused()
    {
        HandMadePickle pickle = HandMadePickle.Valid();
        Refused(pickle.ToArray(), "not one that torch.save wrote");
        Refused(pickle.ToStream(), "storage 0 is missing");
        Refused(pickle.ToStream(("1", 2, TwoNumbers)), "does not agree");
        Refused(pickle.ToStream(("0", 2, TwoNumbers), ("0", 2, TwoNumbers)), "does not agree");
        Refused(pickle.ToStream(("0", 2, TwoNumbers[..7])), "past the end");
        Refused(pickle.ToStream(("0", 1, TwoNumbers)), "another size");
        Refused(pickle.ToStream(("0", 2, [.. TwoNumbers, 0])), "1 bytes follow");
        byte[] version = pickle.ToStream(("0", 2, TwoNumbers));
        version[18] ^= 1;
        Refused(version, "not one that torch.save wrote");
    }

    [Theory]
    [InlineData(1L << 40, 2, 0, new[] { 1L << 40 }, new[] { 1L }, "too large")]
    [InlineData(2, 2, 0, new[] { 1L << 40 }, new[] { 0L }, "too large")]
    [InlineData(2, 2, 0, new[] { 65536L, 65536, 65536, 65536 }, new[] { 0L, 0, 0, 0 }, "too large")]
    [InlineData(2, 2, 0, new[] { 1L << 28 }, new[] { 0L }, "8 times")]
    [InlineData(2, 2, 0, new[] { 3L }, new[] { 1L }, "outside its storage")]
    [InlineData(2, 2, 1, new[] { 2L }, new[] { 1L }, "outside its storage")]
    [InlineData(2, 2, 2, new[] { 1L }, new[] { 1L }, "outside its storage")]
    [InlineData(2, 2, -1, new[] { 1L }, new[] { 1L }, "outside its storage")]
    [InlineData(2, 2, 0, new[] { 2L }, new[] { long.MaxValue }, "outside its storage")]
    [InlineData(2, 2, 0, new[] { 2L, 2 }, new[] { 1L, 1 }, "outside its storage")]
    [InlineData(2, 2, 1, new[] { 2L }, new[] { -1L }, "whole numbers")]
    [InlineData(2, 2, 0, new[] { -2L }, new[] { 1L }, "whole numbers")]
    [InlineData(2, 2, 0, new[] { 2L }, new long[0], "whole numbers")]
    [InlineData(3, 2, 0, new[] { 2L }, new[] { 1L }, "3 elements")]
    [InlineData(-2, 2, 0, new[] { 2L }, new[] { 1L }, "names a storage")]
    public void A_view_that_does_not_fit_is_refused_before_anything_is_allocated(
        long count, long stored, long offset, long[] sizes, long[] strides, string problem)
    {
        HandMadePickle pickle = HandMadePickle.StateDict(p => p.Tensor("0", count, offset, sizes, strides));
        byte[] zip = HandMadeZip.Pth(pickle.ToArray(), ("data/0", new byte[stored * 4]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        BadFileException e = Assert.Throws<BadFileException>(() => WeightsFile.Load("hand.pth", zip));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);

        // A storage that is said to be too large is found before the view of it.
        Assert.Contains(count == 1L << 40 ? "elements of Float32" : problem, e.Message);
    }

    [Fact]
    public void Tensors_that_repeat_one_storage_beyond_the_stated_multiple_are_refused()
    {
        byte[] data = new byte[40_000];
        Assert.Equal(7, WeightsFile.Load("hand", Repeating(7)).State.Count);
        Refused(Repeating(10), "8 times");

        byte[] Repeating(int times)
        {
            HandMadePickle pickle = new HandMadePickle().Op("}(");
            for (int i = 0; i < times; i++)
            {
                pickle.Text($"t{i}").Tensor("0", 10_000, 0, [10_000], [1]);
            }

            return HandMadeZip.Pth(pickle.Op("u.").ToArray(), ("data/0", data));
        }
    }

    [Fact]
    public void A_pickle_beyond_32_MB_is_refused_in_both_formats()
    {
        byte[] length = BitConverter.GetBytes(32_000_000);
        HandMadePickle pickle = new HandMadePickle().Op("B").Raw(length).Raw(new byte[32_000_000]).Op("0");
        Refused(HandMadeZip.Pth(pickle), "its pickle is longer than 32 MB");
        Refused([.. HandMadePickle.StreamStart(0x88), .. pickle.ToArray()], "its pickle is longer than 32 MB");

        // What stands behind the end of the pickle counts too where the part of the file is its own.
        byte[] valid = HandMadePickle.Valid().ToArray();
        Refused(HandMadeZip.Pth([.. valid, .. new byte[32_000_000]], ("data/0", TwoNumbers)), "its pickle is longer than 32 MB");
    }

    [Fact]
    public void The_storages_behind_a_stream_of_pickles_may_be_longer()
    {
        HandMadePickle pickle = HandMadePickle.StateDict(p => p.Tensor("0", 9_000_000, 0, [9_000_000], [1]));
        byte[] content = pickle.ToStream(("0", 9_000_000, new byte[36_000_000]));
        Assert.Equal([9_000_000], Assert.Single(WeightsFile.Load("hand", content).State).Shape);
    }

    [Fact]
    public void What_could_not_be_read_back_is_not_written()
    {
        int[] shape = [0, .. Enumerable.Repeat(300, 10)];
        StateDict state = new(Enumerable.Range(0, 65_000).Select(i => new WeightTensor($"t{i}", ElementType.UInt8, shape, default)));
        string path = folder.File("w.pth");
        Assert.Contains("million objects", Assert.Throws<ArgumentException>(() => PthFile.Write(path, state)).Message);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void The_prefix_of_DataParallel_is_taken_off_only_where_every_name_has_it()
    {
        Assert.Equal(["a", "b"], Names("module.a", "module.b"));
        Assert.Equal(["module.a", "b"], Names("module.a", "b"));
        Assert.Equal(["module."], Names("module."));

        static string[] Names(params string[] names) =>
            [.. WeightsFile.Load("hand", HandMadeZip.Pth(State(names))).State.Select(t => t.Name)];

        static HandMadePickle State(params string[] names)
        {
            HandMadePickle pickle = new HandMadePickle().Op("}(");
            foreach (string name in names)
            {
                pickle.Text(name).Tensor("0", 2, 0, [2], [1]);
            }

            return pickle.Op("u.");
        }
    }

    [Theory]
    [InlineData("state_dict")]
    [InlineData("model")]
    [InlineData("model_state_dict")]
    [InlineData("net")]
    public void A_state_dict_inside_a_dictionary_is_found(string key) =>
        Assert.Equal("a", Assert.Single(WeightsFile.Load("hand", Checkpoint(key)).State).Name);

    // The best accuracy as a tensor beside it, and settings under a name that is looked for before.
    [Fact]
    public void A_state_dict_beside_a_tensor_and_other_dictionaries_is_found()
    {
        byte[] checkpoint = HandMadeZip.Pth(new HandMadePickle().Op("}(").Text("best").Tensor("0", 2, 0, [2], [1])
            .Text("model").Op("}").Text("lr").Op("K\u0003s").Text("net").Op("}").Text("a").Tensor("0", 2, 0, [2], [1]).Op("su."));
        Assert.Equal("a", Assert.Single(WeightsFile.Load("hand", checkpoint).State).Name);
    }

    [Fact]
    public void What_holds_no_state_dict_is_refused()
    {
        Refused(Checkpoint("generator"), "it has epoch, generator");
        Refused(HandMadeZip.Pth(new HandMadePickle().Op("}.")), "it has nothing");
        Refused(HandMadeZip.Pth(new HandMadePickle().Op("].")), "holds no state dict");
        Refused(HandMadeZip.Pth(new HandMadePickle().Tensor("0", 2, 0, [2], [1]).Op(".")), "holds no state dict");
        Refused(HandMadeZip.Pth(new HandMadePickle().Op("}").Text("net").Op("}s.")), "is empty");
        Refused(HandMadeZip.Pth(new HandMadePickle().Op("}(").Text("a").Tensor("0", 2, 0, [2], [1]).Text("epoch").Op("K\u0003u.")),
            "the entry epoch");
        Refused(HandMadeZip.Pth(new HandMadePickle().Op("}(").Text("a").Tensor("0", 2, 0, [2], [1]).Op("K\u0003")
            .Tensor("0", 2, 0, [2], [1]).Op("u.")), "the entry 3");
        Refused(HandMadeZip.Pth(new HandMadePickle().Op("}").Text("a\nb").Tensor("0", 2, 0, [2], [1]).Op("s.")), "control characters");
    }

    private static byte[] Checkpoint(string key) => HandMadeZip.Pth(new HandMadePickle().Op("}(").Text("epoch").Op("K\u0003")
        .Text(key).Op("}").Text("a").Tensor("0", 2, 0, [2], [1]).Op("su."));

    private static float[] Slow(float[] storage, long offset, long[] sizes, long[] strides) => sizes.Length == 0
        ? [storage[offset]]
        : [.. Enumerable.Range(0, (int)sizes[0]).SelectMany(i => Slow(storage, offset + (i * strides[0]), sizes[1..], strides[1..]))];

    private static void Refused(byte[] content, string problem)
    {
        BadFileException e = Assert.Throws<BadFileException>(() => WeightsFile.Load("hand.pth", content));
        Assert.StartsWith("hand.pth: ", e.Message);
        Assert.Contains(problem, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
