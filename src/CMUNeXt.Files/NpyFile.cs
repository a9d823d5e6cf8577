using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace CMUNeXt.Files;

/// <summary>
/// NumPy's format for one array, versions 1 to 3 (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html):
/// little-endian, row-major.
/// </summary>
public static class NpyFile
{
    private const int MaximumRank = 64;

    // NumPy's own default limit.
    private const int MaximumHeaderLength = 10_000;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Reads a float32 array, or a float64 array rounded to float32.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The dimensions, empty for a scalar, and the values, row-major.</returns>
    /// <exception cref="BadFileException">The file is damaged, or its array is of another type or order.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static (int[] Shape, float[] Values) ReadSingles(string path)
    {
        using FileStream stream = Open(path);
        NpyHeader header = ReadHeader(path, stream);
        switch (header.Type)
        {
            case "<f4":
                float[] values = new float[Count(path, stream, header, sizeof(float))];
                stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
                return (header.Shape, values);
            case "<f8":
                double[] wide = new double[Count(path, stream, header, sizeof(double))];
                stream.ReadExactly(MemoryMarshal.AsBytes(wide.AsSpan()));
                return (header.Shape, Array.ConvertAll(wide, static v => (float)v));
            default:
                throw new BadFileException(
                    path, $"its type is {header.Type}; save it as float32 or float64, little-endian ('<f4' or '<f8')");
        }
    }

    /// <summary>Writes a float32 array as version 1.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="shape">The dimensions; empty for a scalar.</param>
    /// <param name="values">The values, row-major.</param>
    /// <exception cref="ArgumentException">
    /// The number of values is not the product of the dimensions, or there are more than 64.
    /// </exception>
    /// <exception cref="IOException">The file could not be written; what stood there is untouched.</exception>
    public static void WriteSingles(string path, ReadOnlySpan<int> shape, ReadOnlyMemory<float> values)
    {
        if (shape.Length > MaximumRank || Product(shape) != values.Length)
        {
            throw new ArgumentException(
                $"{values.Length} values do not fill the shape ({string.Join(", ", shape.ToArray())}).", nameof(values));
        }

        StringBuilder header = new("{'descr': '<f4', 'fortran_order': False, 'shape': (");
        foreach (int size in shape)
        {
            header.Append(size).Append(", ");
        }

        header.Append("), }");

        // The header ends with a line feed, and the data begin at a multiple of 64.
        const int before = 10;
        header.Append(' ', 63 - ((before + header.Length) % 64)).Append('\n');
        byte[] start = [.. Magic, 1, 0, 0, 0, .. Encoding.ASCII.GetBytes(header.ToString())];
        BinaryPrimitives.WriteUInt16LittleEndian(start.AsSpan(before - 2), (ushort)header.Length);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(start);
            stream.Write(MemoryMarshal.AsBytes(values.Span));
        });
    }

    private static FileStream Open(string path)
    {
        FileStream stream = InputFile.Open(path, static path => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        if (!stream.CanSeek)
        {
            stream.Dispose();
            throw new BadFileException(path, "this is not an ordinary file");
        }

        return stream;
    }

    private static NpyHeader ReadHeader(string path, FileStream stream)
    {
        Span<byte> start = stackalloc byte[12];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (read < start.Length || !start.StartsWith(Magic))
        {
            throw new BadFileException(path, "this is not an .npy file; write it with numpy.save");
        }

        int version = start[6];
        if (version is < 1 or > 3)
        {
            throw new BadFileException(path, $"its .npy version is {version}; versions 1 to 3 are read");
        }

        int lengthBytes = version == 1 ? 2 : 4;
        uint length = version == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        stream.Position = 8 + lengthBytes;
        if (length > MaximumHeaderLength || length > stream.Length - stream.Position)
        {
            throw new BadFileException(path, $"its .npy header would be {length} bytes; the file is damaged");
        }

        byte[] header = new byte[length];
        stream.ReadExactly(header);
        NpyHeader parsed = NpyHeader.Parse(path, Encoding.UTF8.GetString(header));
        if (parsed.FortranOrder)
        {
            throw new BadFileException(path, "its array is in Fortran order; save it with numpy.ascontiguousarray");
        }

        return parsed.Shape.Length <= MaximumRank
            ? parsed
            : throw new BadFileException(path, $"its array has more than {MaximumRank} dimensions");
    }

    private static int Count(string path, FileStream stream, NpyHeader header, int size)
    {
        long count = Product(header.Shape);
        long left = stream.Length - stream.Position;
        string shape = string.Join(", ", header.Shape);
        if (count < 0)
        {
            throw new BadFileException(path, $"its shape ({shape}) is too large");
        }

        return count * size == left
            ? (int)count
            : throw new BadFileException(path, $"its shape ({shape}) takes {count * size} bytes, but {left} follow; the file is damaged");
    }

    // -1 where no array could have so many elements.
    private static long Product(ReadOnlySpan<int> shape)
    {
        long product = 1;
        foreach (int size in shape)
        {
            product *= size;
            if (size < 0 || product > Array.MaxLength / sizeof(double))
            {
                return -1;
            }
        }

        return product;
    }
}
