using CMUNeXt.Cli.Terminal;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Cli.Benchmark;

/// <summary>Times the managed engine step by step.</summary>
internal static class StepsTiming
{
    /// <summary>Times cases of one image a call.</summary>
    /// <param name="cases">The cases.</param>
    /// <param name="seconds">How long each is computed.</param>
    /// <param name="stop">Stops between two cases.</param>
    public static StepsReport Run(BenchmarkCase[] cases, double seconds, CancellationToken stop)
    {
        List<StepsCase> timed = [];
        WorkProgress.Run("timing steps", "cases", work =>
        {
            foreach (BenchmarkCase measured in cases)
            {
                stop.ThrowIfCancellationRequested();
                work.Title = $"{measured}";
                (NetworkDescription description, StateDict weights) = measured.Load();
                using ManagedNetwork network = new(description, weights, measured.Threads);
                float[] image = FormulaWeights.Images(description.Channels * measured.Size * measured.Size);
                TimeSpan duration = TimeSpan.FromSeconds(seconds);
                timed.Add(StepsCase.Of(
                    measured, network.Instructions, network.MeasureMachine(),
                    network.Profile(image, measured.Size, measured.Size, duration)));
                work.Report(timed.Count, cases.Length);
            }
        });
        return new StepsReport(Machine.Describe(new Dictionary<string, string>()), timed);
    }
}
