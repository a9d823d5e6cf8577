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
    /// <summary>Writes the values as one flat JSON array.</summary>
    public void WriteValues(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        switch (Datatype)
        {
            case InferenceProtocol.Datatype.Float32:
                Write<float>(json.WriteNumberValue);
                break;
            case InferenceProtocol.Datatype.Float64:
                Write<double>(json.WriteNumberValue);
                break;
            case InferenceProtocol.Datatype.Int64:
                Write<long>(json.WriteNumberValue);
                break;
            default:
                Write<byte>(value => json.WriteNumberValue((uint)value));
                break;
        }

        json.WriteEndArray();
    }

    private void Write<T>(Action<T> write)
        where T : unmanaged
    {
        foreach (T value in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, T>(Raw.Span))
        {
            write(value);
        }
    }
}
