namespace CMUNeXt.Cli.Benchmark;

/// <summary>Measures cases: all backends of a case are opened and compared, then they compute in turn.</summary>
/// <param name="seconds">How long each computes in each case.</param>
/// <param name="start">Starts a worker for a backend and a case.</param>
internal sealed class BenchmarkRun(double seconds, Func<string, BenchmarkCase, IWorker> start)
{
    /// <summary>How often each backend has its turn.</summary>
    public const int Rounds = 5;

    /// <summary>Outputs may differ by so much of the largest; a layer computed wrongly shows as much more.</summary>
    public const double Tolerance = 1e-4;

    private readonly Dictionary<string, string> engines = [];

    /// <summary>The program behind each backend that was measured, with its version.</summary>
    public IReadOnlyDictionary<string, string> Engines => engines;

    /// <summary>How much work a case is with so many backends, in what <c>done</c> counts.</summary>
    public static int Steps(int backends) => backends * (Rounds + 1);

    /// <summary>Measures a case.</summary>
    /// <param name="measured">The case.</param>
    /// <param name="backends">The names of those that compute it, the first being what the others are compared with.</param>
    /// <param name="done">Called after each of <see cref="Steps"/>.</param>
    /// <exception cref="BenchmarkFailedException">A backend failed, or its output is another; nothing was timed then.</exception>
    public IReadOnlyList<BenchmarkRow> Measure(BenchmarkCase measured, IReadOnlyList<string> backends, Action done)
    {
        List<IWorker> workers = [];
        try
        {
            List<double> differences = [];
            float[]? expected = null;
            foreach (string backend in backends)
            {
                IWorker worker = start(backend, measured);
                workers.Add(worker);
                (engines[backend], float[] logits) = worker.Prepare();
                expected ??= logits;
                differences.Add(Compare(backends[0], backend, expected, logits));
                done();
            }

            List<double>[] times = [.. backends.Select(_ => new List<double>())];
            double[] memory = new double[backends.Count];
            for (int round = 0; round < Rounds; round++)
            {
                for (int i = 0; i < workers.Count; i++)
                {
                    WorkerAnswer answer = workers[i].Compute(seconds / Rounds);
                    times[i].AddRange(answer.Milliseconds);
                    memory[i] = answer.PeakMemoryMib;
                    done();
                }
            }

            return [.. backends.Select((backend, i) => BenchmarkRow.Of(measured, backend, times[i], memory[i], differences[i]))];
        }
        finally
        {
            workers.ForEach(worker => worker.Dispose());
        }
    }

    /// <summary>The largest difference relative to the largest expected value.</summary>
    private static double Compare(string first, string backend, float[] expected, float[] actual)
    {
        if (!actual.All(float.IsFinite) || actual.Length != expected.Length)
        {
            throw new BenchmarkFailedException($"{backend}: its logits are not {expected.Length} finite numbers");
        }

        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(expected[i]));
            difference = Math.Max(difference, Math.Abs((double)expected[i] - actual[i]));
        }

        return difference <= Tolerance * largest
            ? difference / largest
            : throw new BenchmarkFailedException(
                $"{backend} computes something else than {first}: its logits differ by {difference / largest:0.0e+0} of the largest, "
                    + $"and {Tolerance:0e+0} is allowed");
    }
}
