using System.Runtime.InteropServices;

namespace CMUNeXt.Tensors;

/// <summary>One named tensor of a state dict, contiguous, row-major, little-endian.</summary>
public sealed class WeightTensor
{
    /// <summary>Wraps raw content; it is not copied.</summary>
    /// <param name="name">The name in the state dict, such as <c>stem.conv.0.weight</c>.</param>
    /// <param name="type">The type of the elements.</param>
    /// <param name="shape">The dimensions, at most 64; empty for a scalar. Zero is allowed.</param>
    /// <param name="data">The elements, row-major, little-endian.</param>
    /// <exception cref="ArgumentException">The length of the content does not fit type and shape.</exception>
    public WeightTensor(string name, ElementType type, IReadOnlyList<int> shape, ReadOnlyMemory<byte> data)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(shape);
        Span<long> sizes = stackalloc long[Math.Min(shape.Count, TensorShape.MaximumRank + 1)];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = shape[i];
        }

        if (!TensorShape.TryMeasure(sizes, type, out int bytes) || bytes != data.Length)
        {
            throw new ArgumentException(
                $"{name}: {data.Length} bytes do not hold {string.Join(" x ", shape)} elements of {type}.", nameof(data));
        }

        Name = name;
        Type = type;
        Shape = [.. shape];
        Data = data;
        Count = bytes / type.Size();
    }

    /// <summary>A float32 tensor of given values.</summary>
    /// <inheritdoc cref="WeightTensor(string, ElementType, IReadOnlyList{int}, ReadOnlyMemory{byte})"/>
    public WeightTensor(string name, IReadOnlyList<int> shape, float[] values)
        : this(name, ElementType.Float32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray())
    {
    }

    /// <summary>The name in the state dict.</summary>
    public string Name { get; }

    /// <summary>The type of the elements.</summary>
    public ElementType Type { get; }

    /// <summary>The dimensions; empty for a scalar.</summary>
    public IReadOnlyList<int> Shape { get; }

    /// <summary>The number of elements.</summary>
    public int Count { get; }

    /// <summary>The elements, row-major, little-endian.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The elements as float32, converted where they are of another type.</summary>
    public float[] ToSingles()
    {
        ReadOnlySpan<byte> data = Data.Span;
        float[] values = new float[Count];
        switch (Type)
        {
            case ElementType.Float32:
                MemoryMarshal.Cast<byte, float>(data).CopyTo(values);
                break;
            case ElementType.Float64:
                Convert(MemoryMarshal.Cast<byte, double>(data), values, static v => (float)v);
                break;
            case ElementType.Float16:
                Convert(MemoryMarshal.Cast<byte, Half>(data), values, static v => (float)v);
                break;
            case ElementType.BFloat16:
                Convert(MemoryMarshal.Cast<byte, ushort>(data), values, static v => BitConverter.UInt32BitsToSingle((uint)v << 16));
                break;
            case ElementType.Int8:
                Convert(MemoryMarshal.Cast<byte, sbyte>(data), values, static v => v);
                break;
            case ElementType.UInt8 or ElementType.Bool:
                Convert(data, values, static v => v);
                break;
            case ElementType.Int16:
                Convert(MemoryMarshal.Cast<byte, short>(data), values, static v => v);
                break;
            case ElementType.Int32:
                Convert(MemoryMarshal.Cast<byte, int>(data), values, static v => v);
                break;
            default:
                Convert(MemoryMarshal.Cast<byte, long>(data), values, static v => v);
                break;
        }

        return values;
    }

    /// <summary>Whether all elements are finite as float32.</summary>
    internal bool IsFinite()
    {
        if (Type is not (ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16))
        {
            return true;
        }

        foreach (float value in Type == ElementType.Float32 ? MemoryMarshal.Cast<byte, float>(Data.Span) : ToSingles())
        {
            if (!float.IsFinite(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The only element of a scalar as a whole number, whatever its type: a count, such as <c>num_batches_tracked</c>.
    /// </summary>
    public long ToInt64() => Type == ElementType.Int64 ? MemoryMarshal.Read<long>(Data.Span) : (long)ToSingles()[0];

    private static void Convert<T>(ReadOnlySpan<T> from, float[] to, Func<T, float> convert)
    {
        for (int i = 0; i < to.Length; i++)
        {
            to[i] = convert(from[i]);
        }
    }
}
