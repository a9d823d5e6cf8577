using CMUNeXt.Training.Sessions;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Shows how many cases are done, and a line for each that failed.</summary>
internal sealed class CaseReport(WorkProgress work) : IProgress<CaseProgress>
{
    public void Report(CaseProgress value)
    {
        if (value.Failure is not null)
        {
            work.WriteLine($"cmunext: {value.Failure}");
        }

        work.Report(value.Done, value.Total);
    }
}
