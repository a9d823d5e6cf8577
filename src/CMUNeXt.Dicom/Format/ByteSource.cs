using Microsoft.Win32.SafeHandles;

namespace CMUNeXt.Dicom.Format;

/// <summary>Bytes that are read where they are needed, from a file or from memory.</summary>
internal abstract class ByteSource : IDisposable
{
    /// <summary>The number of bytes.</summary>
    public abstract long Length { get; }

    /// <summary>Opens a file, which stays open until the source is disposed of.</summary>
    public static ByteSource Open(string path) => new FileBytes(path);

    /// <summary>Bytes in memory, not copied.</summary>
    public static ByteSource From(ReadOnlyMemory<byte> bytes) => new MemoryBytes(bytes);

    /// <summary>Bytes in blocks of equal size, not copied.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <param name="length">The number of bytes in them; the last block may have room left.</param>
    public static ByteSource From(IReadOnlyList<byte[]> blocks, long length) => new BlockBytes(blocks, length);

    /// <summary>Reads bytes.</summary>
    /// <exception cref="InvalidDataException">There are not so many.</exception>
    public abstract void Read(long offset, Span<byte> target);

    /// <summary>Reads bytes into a new array; the length is checked before it is allocated.</summary>
    /// <exception cref="InvalidDataException">There are not so many.</exception>
    public byte[] Read(long offset, long length)
    {
        if (offset + length > Length)
        {
            throw EndsTooEarly();
        }

        byte[] bytes = new byte[length];
        Read(offset, bytes);
        return bytes;
    }

    public abstract void Dispose();

    private static InvalidDataException EndsTooEarly() => new("the file ends too early: copy it again from its source");

    private sealed class FileBytes : ByteSource
    {
        private readonly SafeFileHandle handle;

        public FileBytes(string path)
        {
            handle = File.OpenHandle(path);
            Length = RandomAccess.GetLength(handle);
        }

        public override long Length { get; }

        public override void Read(long offset, Span<byte> target)
        {
            while (!target.IsEmpty)
            {
                int count = RandomAccess.Read(handle, target, offset);
                if (count == 0)
                {
                    throw EndsTooEarly();
                }

                offset += count;
                target = target[count..];
            }
        }

        public override void Dispose() => handle.Dispose();
    }

    private sealed class MemoryBytes(ReadOnlyMemory<byte> bytes) : ByteSource
    {
        public override long Length => bytes.Length;

        public override void Read(long offset, Span<byte> target)
        {
            if (offset + target.Length > bytes.Length)
            {
                throw EndsTooEarly();
            }

            bytes.Span.Slice((int)offset, target.Length).CopyTo(target);
        }

        public override void Dispose()
        {
        }
    }

    private sealed class BlockBytes(IReadOnlyList<byte[]> blocks, long length) : ByteSource
    {
        public override long Length => length;

        public override void Read(long offset, Span<byte> target)
        {
            if (offset + target.Length > length)
            {
                throw EndsTooEarly();
            }

            while (!target.IsEmpty)
            {
                (long index, long start) = Math.DivRem(offset, blocks[0].Length);
                ReadOnlySpan<byte> rest = blocks[(int)index].AsSpan((int)start);
                int count = Math.Min(rest.Length, target.Length);
                rest[..count].CopyTo(target);
                offset += count;
                target = target[count..];
            }
        }

        public override void Dispose()
        {
        }
    }
}
