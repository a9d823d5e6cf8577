using System.Buffers.Binary;
using System.Text;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Weights;

/// <summary>A pickle written instruction by instruction, as a hostile file would have it.</summary>
internal sealed class HandMadePickle
{
    private readonly List<byte> bytes = [0x80, 2];

    /// <summary>An OrderedDict of one float32 tensor "a" of two elements in storage "0": a valid state dict.</summary>
    public static HandMadePickle Valid() => StateDict(p => p.Tensor("0", 2, 0, [2], [1]));

    /// <summary>An OrderedDict with one entry "a", made by the caller.</summary>
    public static HandMadePickle StateDict(Action<HandMadePickle> value)
    {
        HandMadePickle pickle = new HandMadePickle().OrderedDictionary().Op("(").Text("a");
        value(pickle);
        return pickle.Op("u.");
    }

    public byte[] ToArray() => [.. bytes];

    public HandMadePickle Op(string instructions) => Raw(Encoding.Latin1.GetBytes(instructions));

    public HandMadePickle Raw(params byte[] raw)
    {
        bytes.AddRange(raw);
        return this;
    }

    public HandMadePickle Global(string module, string name) => Op($"c{module}\n{name}\n");

    public HandMadePickle Text(string text)
    {
        byte[] raw = Encoding.UTF8.GetBytes(text);
        return Op("X").Raw(BitConverter.GetBytes(raw.Length)).Raw(raw);
    }

    public HandMadePickle Integer(long value) => Raw([0x8a, 8, .. BitConverter.GetBytes(value)]);

    public HandMadePickle Tuple(params long[] values)
    {
        Op("(");
        foreach (long value in values)
        {
            Integer(value);
        }

        return Op("t");
    }

    public HandMadePickle OrderedDictionary() => Global("collections", "OrderedDict").Op(")R");

    public HandMadePickle Storage(string key, long count, string type = "FloatStorage") =>
        Op("(").Text("storage").Global("torch", type).Text(key).Text("cpu").Integer(count).Op("tQ");

    public HandMadePickle Tensor(string key, long count, long offset, long[] sizes, long[] strides, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Op("(").Storage(key, count, type).Integer(offset).Tuple(sizes).Tuple(strides)
            .Raw(0x89).OrderedDictionary().Op("tR");

    /// <summary>The older format of torch.save around this pickle: little-endian, then the storages as they are given.</summary>
    public byte[] ToStream(params (string Key, long Count, byte[] Data)[] storages)
    {
        HandMadePickle keys = new HandMadePickle().Op("](");
        List<byte> data = [];
        Span<byte> count = stackalloc byte[8];
        foreach ((string key, long number, byte[] content) in storages)
        {
            keys.Text(key);
            BinaryPrimitives.WriteInt64LittleEndian(count, number);
            data.AddRange(count);
            data.AddRange(content);
        }

        keys.Op("e.");
        return
        [
            .. StreamStart(0x88),
            .. bytes, .. keys.bytes, .. data,
        ];
    }

    /// <summary>The magic number, the version, and the system's facts, of which only the byte order matters.</summary>
    public static byte[] StreamStart(byte littleEndian) =>
    [
        0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, (byte)'.',
        0x80, 2, (byte)'M', 0xe9, 0x03, (byte)'.',
        .. new HandMadePickle().Op("}").Text("little_endian").Raw(littleEndian).Op("s.").bytes,
    ];
}
