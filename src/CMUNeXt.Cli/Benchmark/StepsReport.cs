using System.Globalization;
using System.Text;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>How long the steps of the managed engine take, on what: the JSON document of <c>--steps</c>.</summary>
internal sealed record StepsReport(Machine Machine, IReadOnlyList<StepsCase> Cases)
{
    /// <summary>The files that it writes.</summary>
    public static IReadOnlyList<string> Files { get; } = ["steps.json", "steps.csv"];

    /// <summary>Writes <c>steps.json</c> and <c>steps.csv</c>; those that stand there are replaced.</summary>
    public void Write(string folder)
    {
        string table = Path.Combine(folder, "steps.csv");

        // Wherever the writing ends, no earlier one stands beside the document.
        File.Delete(table);
        AtomicFile.WriteText(Path.Combine(folder, "steps.json"), ResultJson.ToDocument(this) + "\n");
        StringBuilder text = new("model,threads,size,step,median_ms,multiply_adds,bytes,arithmetic_floor_ms,memory_floor_ms\n");
        foreach (StepsCase one in Cases)
        {
            foreach (StepRow row in one.Steps)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{one.Model},{one.Threads},{one.Size},{row.Name},{row.MedianMs:0.####},{row.MultiplyAdds},{row.Bytes},");
                text.Append(CultureInfo.InvariantCulture, $"{row.ArithmeticFloorMs:0.####},{row.MemoryFloorMs:0.####}\n");
            }
        }

        AtomicFile.WriteText(table, text.ToString());
    }
}

/// <summary>The steps of one network, and what the machine can do at most.</summary>
internal sealed record StepsCase(
    string Model, int Threads, int Size, string InstructionSet, double PeakGflops, double GigabytesPerSecond, IReadOnlyList<StepRow> Steps)
{
    public static StepsCase Of(
        BenchmarkCase measured, InstructionSet instructions, (double MultiplyAdds, double Bytes) machine,
        IEnumerable<(string Name, double Milliseconds, long MultiplyAdds, long Bytes)> steps) => new(
        measured.Model,
        measured.Threads,
        measured.Size,
        instructions.ToString(),
        2 * machine.MultiplyAdds / 1e9,
        machine.Bytes / 1e9,
        [.. steps.Select(step => new StepRow(
            step.Name,
            step.Milliseconds,
            step.MultiplyAdds,
            step.Bytes,
            1e3 * step.MultiplyAdds / machine.MultiplyAdds,
            1e3 * step.Bytes / machine.Bytes))]);
}

/// <summary>
/// A step beside what it cannot do without: its multiply-adds at the machine's peak, its bytes at the speed of the memory.
/// </summary>
internal sealed record StepRow(string Name, double MedianMs, long MultiplyAdds, long Bytes, double ArithmeticFloorMs, double MemoryFloorMs)
{
    /// <summary>Both can be done at the same time, so the longer one counts.</summary>
    public double FloorMs => Math.Max(ArithmeticFloorMs, MemoryFloorMs);

    /// <summary>Two operations for each multiply-add.</summary>
    public double Gflops => 2 * MultiplyAdds / (MedianMs * 1e6);
}
