using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>What a machine can do at most in a second with a number of threads, measured.</summary>
internal static class MachineRates
{
    private static readonly TimeSpan Duration = TimeSpan.FromMilliseconds(300);

    /// <summary>Measures for some tenths of a second; what disturbs it now and then does no harm, since the best run counts.</summary>
    public static (double MultiplyAdds, double Bytes) Measure(InstructionSet instructions, int threads) => instructions switch
    {
        InstructionSet.Avx512 => Measure<Simd512, Vector512<float>>(threads),
        InstructionSet.Avx2 => Measure<Simd256, Vector256<float>>(threads),
        _ => Measure<Simd128, Vector128<float>>(threads),
    };

    private static (double MultiplyAdds, double Bytes) Measure<TSimd, TVector>(int threads)
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        using CopyStep<TSimd, TVector> copy = new() { Name = "copy" };
        return (
            Best(new RegisterStep<TSimd, TVector> { Name = "registers" }, threads, step => step.MultiplyAdds),
            Best(copy, threads, step => step.Bytes));
    }

    private static double Best(CountedStep step, int threads, Func<CountedStep, long> amount)
    {
        using ThreadTeam team = new(threads);
        using StepRunner runner = new(team, step.Scratch);
        double best = 0;
        for (Stopwatch clock = Stopwatch.StartNew(); clock.Elapsed < Duration;)
        {
            long start = Stopwatch.GetTimestamp();
            runner.Run(step);
            best = Math.Max(best, amount(step) / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return best;
    }

    /// <summary>Twelve sums under way: enough for any latency, and few enough for sixteen registers.</summary>
    private sealed unsafe class RegisterStep<TSimd, TVector> : CountedStep
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        private const int Iterations = 20_000;

        public override int Tasks => 64;

        public override nint Scratch => 16;

        public override long MultiplyAdds => 12L * Iterations * TSimd.Lanes * Tasks;

        public override long Bytes => 0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Run(int task, float* scratch)
        {
            TVector x = TSimd.Create(0.5f), y = TSimd.Create(task);
            TVector s0 = y, s1 = y, s2 = y, s3 = y, s4 = y, s5 = y, s6 = y, s7 = y, s8 = y, s9 = y, s10 = y, s11 = y;
            for (int i = 0; i < Iterations; i++)
            {
                s0 = TSimd.MultiplyAdd(s0, x, y);
                s1 = TSimd.MultiplyAdd(s1, x, y);
                s2 = TSimd.MultiplyAdd(s2, x, y);
                s3 = TSimd.MultiplyAdd(s3, x, y);
                s4 = TSimd.MultiplyAdd(s4, x, y);
                s5 = TSimd.MultiplyAdd(s5, x, y);
                s6 = TSimd.MultiplyAdd(s6, x, y);
                s7 = TSimd.MultiplyAdd(s7, x, y);
                s8 = TSimd.MultiplyAdd(s8, x, y);
                s9 = TSimd.MultiplyAdd(s9, x, y);
                s10 = TSimd.MultiplyAdd(s10, x, y);
                s11 = TSimd.MultiplyAdd(s11, x, y);
            }

            s0 = TSimd.Add(TSimd.Add(TSimd.Add(s0, s1), TSimd.Add(s2, s3)), TSimd.Add(TSimd.Add(s4, s5), TSimd.Add(s6, s7)));
            TSimd.Store(TSimd.Add(s0, TSimd.Add(TSimd.Add(s8, s9), TSimd.Add(s10, s11))), scratch);
        }
    }

    /// <summary>Reads one buffer and writes another.</summary>
    private sealed unsafe class CopyStep<TSimd, TVector> : CountedStep, IDisposable
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        private const int Chunk = 256 << 10;

        private readonly NativeBuffer from = new(64 * Chunk);
        private readonly NativeBuffer to = new(64 * Chunk);

        public override int Tasks => 64;

        public override nint Scratch => 16;

        public override long MultiplyAdds => 0;

        public override long Bytes => 2L * Tasks * Chunk * sizeof(float);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Run(int task, float* scratch)
        {
            float* source = from.Data + ((nint)task * Chunk);
            float* target = to.Data + ((nint)task * Chunk);
            for (nint i = 0; i < Chunk; i += TSimd.Lanes)
            {
                TSimd.Store(TSimd.Load(source + i), target + i);
            }
        }

        public void Dispose()
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
