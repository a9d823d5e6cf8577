using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training.Memory;

namespace CMUNeXt.Engine.Training.Optimizers;

/// <summary>
/// The norm of all gradients together. A task is a piece of a parameter; the sums are put together in the order of the tasks.
/// </summary>
internal sealed unsafe class GradientNorm : Step
{
    private const int Piece = 1 << 15;

    private readonly (Parameter Parameter, int From)[] pieces;
    private readonly double[] sums;

    public GradientNorm(IReadOnlyList<Parameter> trained)
    {
        pieces = [.. trained.SelectMany(
            parameter => Enumerable.Range(0, Ceiling(parameter.Count, Piece)).Select(piece => (parameter, piece * Piece)))];
        sums = new double[pieces.Length];
    }

    public override int Tasks => pieces.Length;

    public override nint Scratch => 0;

    /// <summary>The norm, after all tasks.</summary>
    public double Total() => Math.Sqrt(sums.Sum());

    public override void Run(int task, float* scratch)
    {
        (Parameter parameter, int from) = pieces[task];
        int end = Math.Min(from + Piece, parameter.Count);
        double sum = 0;
        for (int i = from; i < end; i++)
        {
            sum += (double)parameter.Gradient[i] * parameter.Gradient[i];
        }

        sums[task] = sum;
    }
}
