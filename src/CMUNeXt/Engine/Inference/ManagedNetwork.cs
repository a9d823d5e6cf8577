using System.Diagnostics;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// A CMUNeXt that computes in this library's own engine, without any native code: the backend <c>managed</c>. Results are the same for any
/// number of threads, and any number of calls may be under way at once: as many as there are cores compute, and the others wait, to be
/// computed by threads of the network in the order in which they came. The calls that compute have a workspace each, and share threads that
/// help them; together never more threads compute than there are cores. What was not used for ten seconds is given back.
/// </summary>
public sealed class ManagedNetwork : Network
{
    /// <summary>What lies idle for so long is given back.</summary>
    internal static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private readonly int threads;
    private readonly Plan plan;
    private readonly ThreadTeam team;
    private readonly WorkspacePool workspaces;

    /// <summary>Folds and packs weights, for the widest instruction set that this machine has.</summary>
    /// <param name="description">Which network; its configuration is needed.</param>
    /// <param name="weights">All its tensors.</param>
    /// <param name="threads">The number of threads for one image, at least 1; null, or more than cores, takes one for each core.</param>
    /// <exception cref="ArgumentException">The network is not a CMUNeXt, or the weights do not fit.</exception>
    public ManagedNetwork(NetworkDescription description, StateDict weights, int? threads = null)
        : this(description, weights, threads, instructions: null)
    {
    }

    /// <summary>Folds and packs weights.</summary>
    /// <param name="description">Which network; its configuration is needed.</param>
    /// <param name="weights">All its tensors.</param>
    /// <param name="threads">The number of threads for one image, at least 1; null, or more than cores, takes one for each core.</param>
    /// <param name="instructions">The instruction set; null takes the widest that this machine has.</param>
    /// <exception cref="ArgumentException">The network is not a CMUNeXt, or the weights do not fit.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the instruction set.</exception>
    internal ManagedNetwork(NetworkDescription description, StateDict weights, int? threads, InstructionSet? instructions)
        : base(description, new Turns(Environment.ProcessorCount, Rest))
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threads ?? 1, nameof(threads));
        if (!Supports(description))
        {
            throw new ArgumentException($"There is no network '{description.Name}' in the managed backend.", nameof(description));
        }

        IReadOnlyList<Layer> layers = CMUNeXtLayers.Of(description.Configuration!, description.Channels, description.Outputs);
        if (NetworkCatalog.FindMismatch(ExpectedTensor.Of(layers), weights) is { } mismatch)
        {
            throw new ArgumentException($"The weights do not fit the network: {mismatch}.", nameof(weights));
        }

        Instructions = InstructionSets.Choose(instructions);
        this.threads = Math.Min(threads ?? Environment.ProcessorCount, Environment.ProcessorCount);
        plan = Plan.Create(description, weights, Instructions);
        team = new ThreadTeam(this.threads, () => Turns!.Taken, Rest);
        workspaces = new WorkspacePool((height, width) => plan.Bind(height, width, team), Rest);
    }

    /// <inheritdoc/>
    public override string Backend => "managed";

    /// <inheritdoc/>
    public override string Engine => $"CMUNeXt.NET {typeof(ManagedNetwork).Assembly.GetName().Version!.ToString(3)} with {Instructions}";

    /// <summary>The instruction set that it computes with.</summary>
    public InstructionSet Instructions { get; }

    /// <summary>The widest instruction set that this machine has, of those that there are kernels for.</summary>
    public static InstructionSet WidestInstructions => InstructionSets.Choose(null);

    /// <summary>Whether this backend computes a network.</summary>
    public static bool Supports(NetworkDescription description) => description.Configuration is { IsPublishedForm: true };

    /// <summary>Computes an image again and again, and times each step of the network.</summary>
    /// <param name="input">channels x height x width values of one normalized image.</param>
    /// <param name="height">Height in pixels, a multiple of 16.</param>
    /// <param name="width">Width in pixels, a multiple of 16.</param>
    /// <param name="duration">For how long, at least; a third of it is left out for warming up. At least five images are computed.</param>
    /// <returns>
    /// The steps, in order: the name of its tensors in the state dict, the median over the images, its multiply-adds as its algorithm needs
    /// them (transforms, sums and activations are not counted), and what it reads and writes at least, its input, output and weights each
    /// once.
    /// </returns>
    /// <exception cref="ArgumentException">The input has another length, or a side is no multiple.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed of.</exception>
    public IReadOnlyList<(string Name, double Milliseconds, long MultiplyAdds, long Bytes)> Profile(
        float[] input, int height, int width, TimeSpan duration) =>
        Call(input, input => ProfileInCall(input, height, width, duration));

    /// <summary>
    /// What this machine can do at most with the network's threads and instruction set, measured in some tenths of a second: multiply-adds
    /// of float32 on values in registers, and bytes read and written where both are too many for the caches.
    /// </summary>
    public (double MultiplyAddsPerSecond, double BytesPerSecond) MeasureMachine() => MachineRates.Measure(Instructions, threads);

    /// <inheritdoc/>
    protected override unsafe void Compute(
        ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits, CancellationToken cancellation)
    {
        Workspace workspace = workspaces.Rent(height, width);
        try
        {
            fixed (float* image = input, output = logits)
            {
                for (int i = 0; i < batch; i++)
                {
                    workspace.Run(
                        image + ((nint)i * Description.Channels * height * width),
                        output + ((nint)i * Description.Outputs * height * width),
                        cancellation);
                }
            }
        }
        finally
        {
            workspaces.Return(workspace);
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            workspaces.Dispose();
            team.Dispose();
            plan.Dispose();
        }

        base.Dispose(disposing);
    }

    private unsafe (string Name, double Milliseconds, long MultiplyAdds, long Bytes)[] ProfileInCall(
        float[] input, int height, int width, TimeSpan duration)
    {
        CheckUnpadded(input, 1, height, width);
        Workspace workspace = workspaces.Rent(height, width);
        float[] logits = new float[checked(Description.Outputs * height * width)];
        List<long[]> images = [];
        Stopwatch clock = Stopwatch.StartNew();
        fixed (float* image = input, output = logits)
        {
            while (clock.Elapsed < duration || images.Count < 5)
            {
                long[] ticks = new long[workspace.Steps.Length];
                workspace.Run(image, output, ticks);
                if (clock.Elapsed >= duration / 3)
                {
                    images.Add(ticks);
                }
            }
        }

        (string, double, long, long)[] steps = [.. workspace.Steps.Select((step, i) => (
            step.Name, Median([.. images.Select(ticks => ticks[i] * 1e3 / Stopwatch.Frequency)]), step.MultiplyAdds, step.Bytes))];
        workspaces.Return(workspace);
        return steps;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }
}
