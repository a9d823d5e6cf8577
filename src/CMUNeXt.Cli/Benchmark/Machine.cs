using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>What measured.</summary>
/// <param name="Processor">Its name where it tells it, else its kind.</param>
/// <param name="Cores">The logical processors that this process may use.</param>
/// <param name="MemoryGib">The memory that this process may use.</param>
/// <param name="OperatingSystem">Its name and version.</param>
/// <param name="Framework">The .NET that runs this program.</param>
/// <param name="Engines">The program behind each backend, with its version; empty where none was started.</param>
internal sealed record Machine(
    string Processor, int Cores, double MemoryGib, string OperatingSystem, string Framework, IReadOnlyDictionary<string, string> Engines)
{
    public static Machine Describe(IReadOnlyDictionary<string, string> engines) => new(
        ProcessorName(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Math.Pow(1024, 3), 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        engines);

    /// <summary>What differs from another machine, so that times of both cannot be compared; null where nothing does.</summary>
    public string? FindDifference(Machine other) =>
        Processor != other.Processor ? $"{Processor} and not {other.Processor}"
        : Cores != other.Cores ? $"{Cores} cores and not {other.Cores}"
        : Framework != other.Framework ? $"{Framework} and not {other.Framework}"
        : Engines.FirstOrDefault(
            engine => other.Engines.GetValueOrDefault(engine.Key, engine.Value) != engine.Value) is { Key: { } backend } another
            ? $"{backend} is {another.Value} and not {other.Engines[backend]}"
            : null;

    // The brand string: 48 characters in twelve registers (Intel 64 manual, volume 2, CPUID).
    private static string ProcessorName()
    {
        if (!X86Base.IsSupported)
        {
            return RuntimeInformation.ProcessArchitecture.ToString();
        }

        int[] registers = [.. Enumerable.Range(0, 3).SelectMany(i =>
        {
            (int a, int b, int c, int d) = X86Base.CpuId(unchecked((int)0x80000002) + i, 0);
            return (int[])[a, b, c, d];
        })];
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes(registers.AsSpan())).Trim('\0', ' ');
    }
}
