using CMUNeXt.Engine.Vectors;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>How long the steps of the managed engine take, on what: the JSON document of <c>--steps</c>.</summary>
internal sealed record StepsReport(Machine Machine, IReadOnlyList<StepsCase> Cases)
{
    private static readonly CsvColumns<(StepsCase Case, StepRow Step)> Columns = new(
        new("model", row => row.Case.Model),
        new("threads", row => row.Case.Threads),
        new("size", row => row.Case.Size),
        new("step", row => row.Step.Name),
        new("median_ms", row => row.Step.MedianMs),
        new("multiply_adds", row => row.Step.MultiplyAdds),
        new("bytes", row => row.Step.Bytes),
        new("arithmetic_floor_ms", row => row.Step.ArithmeticFloorMs),
        new("memory_floor_ms", row => row.Step.MemoryFloorMs));

    /// <summary>The files that it writes.</summary>
    public static IReadOnlyList<string> Files { get; } = ["steps.json", "steps.csv"];

    /// <summary>Writes <c>steps.json</c> and <c>steps.csv</c>; those that stand there are replaced.</summary>
    public void Write(string folder) => AtomicFile.WriteTogether(folder, Files, () =>
    {
        AtomicFile.WriteText(Path.Combine(folder, "steps.json"), ResultJson.ToDocument(this) + "\n");
        AtomicFile.WriteText(
            Path.Combine(folder, "steps.csv"),
            Columns.TableOf(Cases.SelectMany(static one => one.Steps, static (one, step) => (one, step))));
    });
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
