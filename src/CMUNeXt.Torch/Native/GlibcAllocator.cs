using System.Runtime.InteropServices;

namespace CMUNeXt.Torch.Native;

/// <summary>
/// Keeps glibc's allocator from returning memory to the system between training iterations. An iteration allocates and frees gigabytes in
/// large pieces; each piece mapped anew has to be cleared by the kernel, page by page, which costs more than the arithmetic.
/// </summary>
internal static partial class GlibcAllocator
{
    private const int TrimThreshold = -1;
    private const int TopPad = -2;
    private const int MmapThreshold = -3;

    /// <summary>Takes effect for the whole process; does nothing where the C library is not glibc.</summary>
    public static void KeepMemory()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(MmapThreshold, int.MaxValue);
            _ = SetOption(TrimThreshold, int.MaxValue);
            _ = SetOption(TopPad, 64 << 20);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no mallopt, and no such thresholds.
        }
    }

    /// <summary>
    /// Returns what is free all the same. Kept memory falls to pieces over some hundred iterations, and the process grows by gigabytes;
    /// done once an epoch, this costs one mapping of what an iteration needs.
    /// </summary>
    public static void ReturnMemory()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = Trim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // musl returns memory by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint pad);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
