using System.Diagnostics.CodeAnalysis;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Training.Optimizers;

/// <summary>Changes parameters by their gradients, with a memory of its own for each value. A task is a piece of a parameter.</summary>
internal abstract unsafe class Optimizer : Step, IDisposable
{
    private const int Piece = 1 << 15;
    private const string IterationsName = "steps";

    private IReadOnlyList<Parameter> parameters = [];
    private NativeBuffer[] memory = [];
    private (int Parameter, int From)[] pieces = [];

    [SetsRequiredMembers]
    protected Optimizer() => Name = "optimizer";

    /// <summary>Whether weight decay is for a parameter of a shape.</summary>
    public Func<IReadOnlyList<int>, bool> Decays { get; init; } = static _ => true;

    /// <summary>The largest norm of all gradients together; 0 leaves them as they are.</summary>
    public double ClipNorm { get; init; }

    /// <summary>Measures the gradients, before the iteration; null where they are not clipped.</summary>
    public GradientNorm? Norm { get; private set; }

    public sealed override int Tasks => pieces.Length;

    public sealed override nint Scratch => 0;

    /// <summary>The number of iterations made, the one under way included.</summary>
    public long Iterations { get; private set; }

    /// <summary>The names of what is remembered of each value.</summary>
    protected abstract IReadOnlyList<string> Kinds { get; }

    /// <summary>The learning rate of the iteration.</summary>
    protected double LearningRate { get; private set; }

    /// <summary>What gradients are multiplied by.</summary>
    protected float GradientScale { get; private set; } = 1;

    /// <summary>Says what is optimized; the memory is all zeros.</summary>
    public void Attach(IReadOnlyList<Parameter> trained)
    {
        parameters = trained;
        memory = [.. Kinds.SelectMany(_ => trained.Select(parameter => new NativeBuffer(parameter.Count)))];
        Norm = ClipNorm > 0 ? new GradientNorm(trained) { Name = "gradient norm" } : null;
        pieces = [.. trained.SelectMany(
            (parameter, i) => Enumerable.Range(0, (parameter.Count + Piece - 1) / Piece).Select(piece => (i, piece * Piece)))];
    }

    /// <summary>Begins an iteration.</summary>
    public void Begin(double learningRate)
    {
        LearningRate = learningRate;
        Iterations++;

        // PyTorch's small addition.
        GradientScale = Norm is null ? 1 : (float)Math.Min(ClipNorm / (Norm.Total() + 1e-6), 1);
    }

    public sealed override void Run(int task, float* scratch)
    {
        (int index, int from) = pieces[task];
        Parameter parameter = parameters[index];
        float* second = Kinds.Count > 1 ? memory[parameters.Count + index].Data + from : null;
        Update(
            parameter.Value + from,
            parameter.Gradient + from,
            memory[index].Data + from,
            second,
            Math.Min(Piece, parameter.Count - from),
            Decays(parameter.Shape));
    }

    /// <summary>A copy of the memory.</summary>
    public StateDict Copy() => new(memory
        .Select((buffer, i) => Parameter.Copy(NameOf(i), parameters[i % parameters.Count].Shape, buffer.Data, (int)buffer.Count))
        .Append(new WeightTensor(IterationsName, ElementType.Int64, [], BitConverter.GetBytes(Iterations))));

    /// <summary>Goes on from a copy; null forgets all iterations.</summary>
    /// <exception cref="ArgumentException">It is not the memory of this optimizer for these parameters.</exception>
    public void Set(StateDict? state)
    {
        if (state is null)
        {
            Iterations = 0;
            foreach (NativeBuffer buffer in memory)
            {
                new Span<float>(buffer.Data, (int)buffer.Count).Clear();
            }

            return;
        }

        IEnumerable<Networks.ExpectedTensor> expected = memory
            .Select((_, i) => new Networks.ExpectedTensor(NameOf(i), parameters[i % parameters.Count].Shape, ElementType.Float32))
            .Append(new Networks.ExpectedTensor(IterationsName, [], ElementType.Int64));
        if (Networks.NetworkCatalog.FindMismatch(expected, state) is { } mismatch)
        {
            throw new ArgumentException($"The optimizer's memory does not fit: {mismatch}.", nameof(state));
        }

        Iterations = BitConverter.ToInt64(state[IterationsName].Data.Span);
        for (int i = 0; i < memory.Length; i++)
        {
            state[NameOf(i)].ToSingles().CopyTo(new Span<float>(memory[i].Data, (int)memory[i].Count));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBuffer buffer in memory)
        {
            buffer.Dispose();
        }
    }

    /// <summary>Changes some values.</summary>
    protected abstract void Update(float* values, float* gradients, float* first, float* second, int count, bool decays);

    private string NameOf(int buffer) => $"{Kinds[buffer / parameters.Count]}.{parameters[buffer % parameters.Count].Name}";
}
