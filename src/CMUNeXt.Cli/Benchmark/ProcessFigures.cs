using System.Diagnostics;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>What a process has taken.</summary>
/// <param name="ProcessorSeconds">The time of all processors, its own and the system's for it.</param>
/// <param name="PeakMemoryMib">The most memory that was resident at any time, program and runtime included, in MiB.</param>
internal sealed record ProcessFigures(double ProcessorSeconds, double PeakMemoryMib)
{
    /// <summary>Those of this process so far.</summary>
    public static ProcessFigures OfThisProcess()
    {
        // Not every system keeps the peak; what is in use in the end is then close to it.
        using Process self = Process.GetCurrentProcess();
        double peak = Math.Max(self.PeakWorkingSet64, self.WorkingSet64);
        return new ProcessFigures(Environment.CpuUsage.TotalTime.TotalSeconds, peak / (1024 * 1024));
    }
}
