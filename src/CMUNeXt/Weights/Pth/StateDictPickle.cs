using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using CMUNeXt.Tensors;

namespace CMUNeXt.Weights.Pth;

/// <summary>
/// Writes the pickle (protocol 2) of a state dict as <c>torch.save</c> does: an OrderedDict of tensors, each rebuilt from a storage
/// of its own, whose key is the tensor's place.
/// </summary>
internal sealed class StateDictPickle
{
    private readonly ArrayBufferWriter<byte> output = new();

    // Values that come again and again are written once, numbered, and fetched by number.
    private readonly Dictionary<string, byte> memo = new(StringComparer.Ordinal);

    private StateDictPickle()
    {
    }

    /// <summary>The pickle of a state dict.</summary>
    public static byte[] Write(StateDict state)
    {
        StateDictPickle pickle = new();
        pickle.WriteAll(state);
        return pickle.output.WrittenSpan.ToArray();
    }

    private static string StorageName(ElementType type) => type switch
    {
        ElementType.Float32 => "FloatStorage",
        ElementType.Float64 => "DoubleStorage",
        ElementType.Float16 => "HalfStorage",
        ElementType.BFloat16 => "BFloat16Storage",
        ElementType.Int8 => "CharStorage",
        ElementType.UInt8 => "ByteStorage",
        ElementType.Int16 => "ShortStorage",
        ElementType.Int32 => "IntStorage",
        ElementType.Int64 => "LongStorage",
        _ => "BoolStorage",
    };

    private void WriteAll(StateDict state)
    {
        Put(PickleInstruction.Protocol);
        Byte(2);
        EmptyOrderedDictionary();
        Put(PickleInstruction.Mark);
        for (int i = 0; i < state.Count; i++)
        {
            Text(state[i].Name);
            Tensor(state[i], i.ToString(CultureInfo.InvariantCulture));
        }

        Put(PickleInstruction.SetItems);
        Put(PickleInstruction.Stop);
    }

    private void Tensor(WeightTensor tensor, string key)
    {
        Global("torch._utils", "_rebuild_tensor_v2");
        Put(PickleInstruction.Mark);

        Put(PickleInstruction.Mark);
        SharedText("storage");
        Global("torch", StorageName(tensor.Type));
        Text(key);
        SharedText("cpu");
        Integer(tensor.Count);
        Put(PickleInstruction.Tuple);
        Put(PickleInstruction.PersistentId);

        Integer(0);
        Tuple(tensor.Shape);
        Tuple(Strides(tensor));
        Put(PickleInstruction.False);
        EmptyOrderedDictionary();
        Put(PickleInstruction.Tuple);
        Put(PickleInstruction.Reduce);
    }

    // Without elements any strides will do, and the products could be too large.
    private static int[] Strides(WeightTensor tensor)
    {
        int[] strides = new int[tensor.Shape.Count];
        int stride = 1;
        for (int i = strides.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= tensor.Count == 0 ? 1 : tensor.Shape[i];
        }

        return strides;
    }

    private void EmptyOrderedDictionary()
    {
        Global("collections", "OrderedDict");
        Put(PickleInstruction.EmptyTuple);
        Put(PickleInstruction.Reduce);
    }

    private void Tuple(IReadOnlyList<int> values)
    {
        Put(PickleInstruction.Mark);
        foreach (int value in values)
        {
            Integer(value);
        }

        Put(PickleInstruction.Tuple);
    }

    private void Integer(int value)
    {
        Put(PickleInstruction.Int32);
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        output.Write(bytes);
    }

    private void Text(string text)
    {
        byte[] raw = Encoding.UTF8.GetBytes(text);
        Put(PickleInstruction.Text32);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, raw.Length);
        output.Write(length);
        output.Write(raw);
    }

    private void SharedText(string text)
    {
        if (!Recall(text))
        {
            Text(text);
            Remember(text);
        }
    }

    private void Global(string module, string name)
    {
        string global = $"{module}\n{name}\n";
        if (!Recall(global))
        {
            Put(PickleInstruction.Global);
            output.Write(Encoding.ASCII.GetBytes(global));
            Remember(global);
        }
    }

    private bool Recall(string value)
    {
        if (!memo.TryGetValue(value, out byte place))
        {
            return false;
        }

        Put(PickleInstruction.Get);
        Byte(place);
        return true;
    }

    private void Remember(string value)
    {
        byte place = (byte)memo.Count;
        memo.Add(value, place);
        Put(PickleInstruction.Put);
        Byte(place);
    }

    private void Put(PickleInstruction instruction) => Byte((byte)instruction);

    private void Byte(byte value) => output.Write([value]);
}
