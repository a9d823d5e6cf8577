using System.Runtime.InteropServices;

namespace CMUNeXt.Engine;

/// <summary>Zeroed floats outside the managed heap, aligned to a cache line.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private float* data;

    public NativeBuffer(nint count)
    {
        nuint bytes = checked((nuint)count * sizeof(float));
        data = (float*)NativeMemory.AlignedAlloc(Math.Max(bytes, 64), 64);
        NativeMemory.Clear(data, bytes);
        Count = count;
    }

    ~NativeBuffer() => Free();

    public nint Count { get; }

    public float* Data => data;

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(data);
        data = null;
    }
}
