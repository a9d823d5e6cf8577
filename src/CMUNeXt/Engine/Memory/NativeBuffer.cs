using System.Runtime.InteropServices;

namespace CMUNeXt.Engine.Memory;

/// <summary>Zeroed floats outside the managed heap, aligned to a cache line.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;

    private void* block;

    public NativeBuffer(nint count)
    {
        // Large blocks come from the system as zeros, and are not touched before they are used.
        block = NativeMemory.AllocZeroed(checked(((nuint)count * sizeof(float)) + Alignment));
        Data = (float*)(((nuint)block + Alignment - 1) & ~(nuint)(Alignment - 1));
        Count = count;
    }

    ~NativeBuffer() => Free();

    public nint Count { get; }

    public float* Data { get; private set; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(block);
        block = null;
        Data = null;
    }
}
