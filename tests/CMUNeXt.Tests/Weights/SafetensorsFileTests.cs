using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

public sealed class SafetensorsFileTests : IDisposable
{
    private const string OneTensor = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_type_survives_bit_for_bit_in_order()
    {
        StateDict state = SampleWeights.EveryType();
        string path = folder.File("w.safetensors");
        SafetensorsFile.Write(path, state);
        LoadedWeights loaded = SafetensorsFile.Read(path);
        SampleWeights.AssertEqual(state, loaded.State);
        Assert.Null(loaded.Metadata);
        Assert.Empty(loaded.Entries);
        Assert.Equal(path, loaded.Path);
    }

    [Fact]
    public void Metadata_and_other_entries_survive()
    {
        string path = folder.File("w.safetensors");
        Dictionary<string, string> entries = new() { ["checkpoint"] = """{"epoch": 7, "note": "é\n"}""", ["format"] = "pt" };
        SafetensorsFile.Write(path, SampleWeights.EveryType(), SampleWeights.Metadata(), entries);
        LoadedWeights loaded = SafetensorsFile.Read(path);
        SampleWeights.AssertEqual(SampleWeights.Metadata(), loaded.Metadata);
        Assert.Equal(entries, loaded.Entries);
        SampleWeights.AssertEqual(SampleWeights.EveryType(), loaded.State);
    }

    [Fact]
    public void A_file_made_by_hand_is_read_as_the_format_says()
    {
        const string header = """{"b":{"dtype":"U8","shape":[2,1],"data_offsets":[8,10]},"__metadata__":{"k":"v"},"""
            + """ "a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}   """;
        LoadedWeights loaded = SafetensorsFile.Read("hand", File(header, [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0, 7, 9]));
        Assert.Equal(["a", "b"], loaded.State.Select(t => t.Name));
        Assert.Equal([1f, -2.5f], loaded.State["a"].ToSingles());
        Assert.Equal([2, 1], loaded.State["b"].Shape);
        Assert.Equal([7f, 9f], loaded.State["b"].ToSingles());
        Assert.Equal("v", loaded.Entries["k"]);
    }

    [Fact]
    public void What_is_written_is_what_the_format_says()
    {
        string path = folder.File("w.safetensors");
        SafetensorsFile.Write(
            path, new StateDict([new WeightTensor("a", [2, 1], [1f, -2.5f]), new WeightTensor("n", ElementType.Int64, [], new byte[8])]));
        byte[] content = System.IO.File.ReadAllBytes(path);
        int length = (int)BinaryPrimitives.ReadInt64LittleEndian(content);
        Assert.Equal(0, length % 8);
        Assert.Equal(content.Length, 8 + length + 16);
        using JsonDocument header = JsonDocument.Parse(content.AsMemory(8, length));
        JsonElement a = header.RootElement.GetProperty("a");
        Assert.Equal("F32", a.GetProperty("dtype").GetString());
        Assert.Equal([2, 1], a.GetProperty("shape").EnumerateArray().Select(v => v.GetInt32()));
        Assert.Equal([0, 8], a.GetProperty("data_offsets").EnumerateArray().Select(v => v.GetInt32()));
        Assert.Equal(0, header.RootElement.GetProperty("n").GetProperty("shape").GetArrayLength());
        Assert.False(header.RootElement.TryGetProperty("__metadata__", out _));
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0], content[(8 + length)..(16 + length)]);
    }

    [Fact]
    public void The_hash_is_that_of_the_file()
    {
        string path = folder.Write("w.safetensors", File(OneTensor, new byte[8]));
        using FileStream stream = System.IO.File.OpenRead(path);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(stream)).ToLowerInvariant(), SafetensorsFile.Read(path).Sha256);
    }

    [Fact]
    public void No_tensors_at_all_is_a_file_too() => Assert.Empty(SafetensorsFile.Read("hand", File("{}", [])).State);

    [Theory]
    [InlineData(7, "too few")]
    [InlineData(60, "past the end")]
    public void A_file_that_is_cut_short_is_refused(int length, string problem) =>
        Refused(File(OneTensor, new byte[8])[..length], problem);

    [Fact]
    public void A_header_over_the_limit_is_refused()
    {
        byte[] content = File(OneTensor, new byte[8]);
        BinaryPrimitives.WriteUInt64LittleEndian(content, SafetensorsFile.MaximumHeaderLength + 1);
        Refused(content, "limit");
        BinaryPrimitives.WriteUInt64LittleEndian(content, ulong.MaxValue);
        Refused(content, "limit");
    }

    [Theory]
    [InlineData("", "'{'")]
    [InlineData(" " + OneTensor, "'{'")]
    [InlineData("[]", "'{'")]
    [InlineData("{", "JSON")]
    [InlineData("{} {}", "JSON")]
    [InlineData("""{"a":1,}""", "not an object")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}""", "JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "twice")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"\u0061":{"dtype":"F32","shape":[0],"data_offsets":[8,8]}}""", "twice")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1}}""", "unknown")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "needs")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", "needs")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", "needs")]
    [InlineData("""{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}""", "C64 is not supported")]
    [InlineData("""{"a":{"dtype":4,"shape":[2],"data_offsets":[0,8]}}""", "not text")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", "not a list")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", "whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "at most 2")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8]}}""", "two")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,8]}}""", "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[65536,65536,65536,65536,2],"data_offsets":[0,8]}}""", "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", "too large")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "12 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "8 bytes")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}""", "past")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "belong to none")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", "overlaps")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}}""", "gap")]
    [InlineData("""{"":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "empty")]
    [InlineData("""{"a\nb":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "control")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "JSON")]
    [InlineData("""{"__metadata__":[],"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "not an object")]
    [InlineData("""{"__metadata__":{"k":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "not text")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "twice")]
    public void A_header_that_breaks_a_rule_is_refused(string header, string problem) => Refused(File(header, new byte[8]), problem);

    [Fact]
    public void A_header_that_is_not_utf8_is_refused()
    {
        byte[] content = File("""{"__metadata__":{"k":"?"}}""", []);
        content[Array.IndexOf(content, (byte)'?')] = 0xff;
        Refused(content, "UTF-8");
    }

    [Fact]
    public void More_dimensions_than_PyTorch_allows_are_refused()
    {
        string ones = string.Join(',', Enumerable.Repeat(1, 64));
        Assert.Single(
            SafetensorsFile.Read("hand", File($$$"""{"a":{"dtype":"U8","shape":[{{{ones}}}],"data_offsets":[0,1]}}""", [5])).State);
        Refused(File($$$"""{"a":{"dtype":"U8","shape":[{{{ones}}},1],"data_offsets":[0,1]}}""", [5]), "at most 64");
    }

    [Fact]
    public void What_could_not_be_read_back_is_not_written()
    {
        string path = folder.File("w.safetensors");
        StateDict one = new([new WeightTensor("a", [1], [1f])]);
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(path, new StateDict([new WeightTensor("__metadata__", [1], [1f])])));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(path, new StateDict([new WeightTensor("a\n", [1], [1f])])));
        Assert.Throws<ArgumentException>(
            () => SafetensorsFile.Write(path, one, entries: new Dictionary<string, string> { ["cmunext"] = "{}" }));
        Assert.Throws<ArgumentException>(() => SafetensorsFile.Write(path, one, SampleWeights.Metadata() with { Threshold = double.NaN }));
        Assert.False(System.IO.File.Exists(path));
    }

    internal static byte[] File(string header, byte[] data)
    {
        byte[] json = Encoding.UTF8.GetBytes(header);
        return [.. BitConverter.GetBytes((long)json.Length), .. json, .. data];
    }

    private static void Refused(byte[] content, string problem)
    {
        BadFileException e = Assert.Throws<BadFileException>(() => SafetensorsFile.Read("hand.safetensors", content));
        Assert.StartsWith("hand.safetensors: ", e.Message);
        Assert.Contains(problem, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }
}
