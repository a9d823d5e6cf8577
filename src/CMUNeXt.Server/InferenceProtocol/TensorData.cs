using System.Runtime.InteropServices;
using System.Text.Json;

namespace CMUNeXt.Server.InferenceProtocol;

/// <summary>The datatypes of tensors that are spoken here.</summary>
internal static class Datatype
{
    public const string Float32 = "FP32";
    public const string Float64 = "FP64";
    public const string UInt8 = "UINT8";
    public const string Int64 = "INT64";
    public const string Bytes = "BYTES";
}

/// <summary>A tensor as a model describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Its datatype.</param>
/// <param name="Shape">Its shape; -1 stands for any length.</param>
internal sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<long> Shape);

/// <summary>A tensor of an answer.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Its datatype.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Raw">Its values, little endian, row by row.</param>
internal sealed record OutputTensor(string Name, string Datatype, IReadOnlyList<int> Shape, ReadOnlyMemory<byte> Raw)
{
    /// <summary>The number of values.</summary>
    public int Count => Raw.Length / SizeOf(Datatype);

    /// <summary>The bytes of a value of a datatype.</summary>
    public static int SizeOf(string datatype) => datatype switch
    {
        InferenceProtocol.Datatype.Float32 => sizeof(float),
        InferenceProtocol.Datatype.Float64 => sizeof(double),
        InferenceProtocol.Datatype.Int64 => sizeof(long),
        _ => sizeof(byte),
    };

    /// <summary>Writes values into a JSON array.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="start">The first.</param>
    /// <param name="count">How many.</param>
    public void WriteValues(Utf8JsonWriter json, int start, int count)
    {
        int size = SizeOf(Datatype);
        ReadOnlySpan<byte> raw = Raw.Span.Slice(start * size, count * size);
        switch (Datatype)
        {
            case InferenceProtocol.Datatype.Float32:
                Write<float>(raw, json.WriteNumberValue);
                break;
            case InferenceProtocol.Datatype.Float64:
                Write<double>(raw, json.WriteNumberValue);
                break;
            case InferenceProtocol.Datatype.Int64:
                Write<long>(raw, json.WriteNumberValue);
                break;
            default:
                Write<byte>(raw, value => json.WriteNumberValue((uint)value));
                break;
        }
    }

    private static void Write<T>(ReadOnlySpan<byte> raw, Action<T> write)
        where T : unmanaged
    {
        foreach (T value in MemoryMarshal.Cast<byte, T>(raw))
        {
            write(value);
        }
    }
}
