using CMUNeXt.Cli.Terminal;
using Spectre.Console;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>Prints what a benchmark measured as tables.</summary>
internal static class BenchmarkTables
{
    public static void Print(BenchmarkReport report)
    {
        Print(report.Machine);
        IGrouping<(string, int, int, int), BenchmarkRow>[] cases =
        [
            .. report.Rows.GroupBy(row => (row.Model, row.Threads, row.Size, row.Batch)),
        ];
        string first = cases.Select(measured => measured.First().Backend).Distinct().ToArray() is [string one] ? one : "first";
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumns("model", "threads", "size", "batch", "backend");
        AddNumbers(table, "median ms", "min", "max", "images/s", $"time / {first}", "peak MiB", "difference");
        foreach (IGrouping<(string, int, int, int), BenchmarkRow> measured in cases)
        {
            foreach (BenchmarkRow row in measured)
            {
                bool leads = row == measured.First();
                table.AddRow(
                    leads ? Markup.Escape(row.Model) : "", leads ? $"{row.Threads}" : "", leads ? $"{row.Size}" : "",
                    leads ? $"{row.Batch}" : "", row.Backend,
                    Milliseconds(row.MedianMs), Milliseconds(row.MinMs), Milliseconds(row.MaxMs), $"{row.ImagesPerSecond:0.0}",
                    $"{row.MedianMs / measured.First().MedianMs:0.00}", $"{row.PeakMemoryMib:0}",
                    leads ? "" : $"{row.MaxRelativeDifference:0.0e-0}");
            }
        }

        UnbrokenTable.Write(table);
    }

    public static void Print(StepsReport report)
    {
        Print(report.Machine);
        foreach (StepsCase one in report.Cases)
        {
            Table table = new Table().Border(TableBorder.Simple).Title(
                $"{Markup.Escape(one.Model)}, {Quantity.Of(one.Threads, "thread")}, {one.Size} x {one.Size}, "
                + $"{one.InstructionSet}: "
                + $"at most {one.PeakGflops:0} GFLOP/s and {one.GigabytesPerSecond:0.0} GB/s");
            table.AddColumn("step");
            AddNumbers(table, "median ms", "GMAC", "GFLOP/s", "MiB", "arithmetic ms", "memory ms", "time / floor");
            foreach (StepRow row in one.Steps)
            {
                Add(table, row, row.FloorMs);
            }

            StepRow total = new(
                "together",
                one.Steps.Sum(row => row.MedianMs),
                one.Steps.Sum(row => row.MultiplyAdds),
                one.Steps.Sum(row => row.Bytes),
                one.Steps.Sum(row => row.ArithmeticFloorMs),
                one.Steps.Sum(row => row.MemoryFloorMs));
            table.AddEmptyRow();
            Add(table, total, one.Steps.Sum(row => row.FloorMs));
            UnbrokenTable.Write(table);
        }

        Console.WriteLine("Floors: the multiply-adds at the measured peak, and pixels and weights once at the measured speed of the "
            + "memory; GELU, transforms and sums apart.");
    }

    /// <summary>Prints how fast a folder is predicted.</summary>
    public static void Print(JobReport report)
    {
        Print(report.Machine);
        Table table = new Table().Border(TableBorder.Simple).Title(
            Markup.Escape($"{report.Model}, {report.Images} images, {report.Threads} at once"));
        table.AddColumn("job");
        AddNumbers(table, "images/s", "of the engine", "processor ms an image", "peak MiB", "first result ms");
        foreach (JobRow row in report.Rows)
        {
            table.AddRow(
                row.Job, $"{row.ImagesPerSecond:0.0}", $"{100 * row.ShareOfEngine:0} %", Milliseconds(row.ProcessorMs),
                $"{row.PeakMemoryMib:0}", $"{row.FirstResultMs:0}");
        }

        UnbrokenTable.Write(table);
    }

    /// <summary>Prints what measured.</summary>
    public static void Print(Machine machine)
    {
        Console.WriteLine(
            $"{machine.Processor}, {machine.Cores} cores, {machine.MemoryGib:0.0} GiB, {machine.OperatingSystem}, {machine.Framework}");
        if (machine.Engines.Count > 0)
        {
            Console.WriteLine(string.Join("; ", machine.Engines.Select(engine => $"{engine.Key}: {engine.Value}")));
        }
    }

    private static void Add(Table table, StepRow row, double floor) => table.AddRow(
        Markup.Escape(row.Name), $"{row.MedianMs:0.000}", $"{row.MultiplyAdds / 1e9:0.000}", $"{row.Gflops:0}",
        $"{row.Bytes / (1024.0 * 1024):0.00}",
        $"{row.ArithmeticFloorMs:0.000}", $"{row.MemoryFloorMs:0.000}", $"{row.MedianMs / floor:0.00}");

    private static void AddNumbers(Table table, params string[] names)
    {
        foreach (string name in names)
        {
            table.AddColumn(name, column => column.RightAligned());
        }
    }

    /// <summary>A time with as many digits as mean something.</summary>
    public static string Milliseconds(double value) => value < 100 ? $"{value:0.00}" : $"{value:0.0}";
}
