using System.Collections.Concurrent;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Engine;

/// <summary>
/// A CMUNeXt that computes in this library's own engine, without any native code: the backend <c>managed</c>. Results are the same for any
/// number of threads, and any number of calls may be under way at once.
/// </summary>
public sealed class ManagedNetwork : Network
{
    private readonly Plan plan;
    private readonly int threads;
    private readonly ConcurrentBag<Workspace> idle = [];
    private bool disposed;

    /// <summary>Folds and packs weights.</summary>
    /// <param name="description">Which network; its configuration is needed.</param>
    /// <param name="weights">All its tensors.</param>
    /// <param name="threads">The number of threads for one picture, at least 1; null takes one for each core.</param>
    /// <param name="instructions">The instruction set; null takes the widest that this machine has.</param>
    /// <exception cref="ArgumentException">The network is not a CMUNeXt, or the weights do not fit.</exception>
    /// <exception cref="PlatformNotSupportedException">This machine does not have the instruction set.</exception>
    public ManagedNetwork(NetworkDescription description, StateDict weights, int? threads = null, InstructionSet? instructions = null)
        : base(description)
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

        InstructionSet set = instructions ?? InstructionSets.Best;
        if (!InstructionSets.IsSupported(set))
        {
            throw new PlatformNotSupportedException($"This machine does not have {set}.");
        }

        this.threads = threads ?? Environment.ProcessorCount;
        plan = Plan.Create(description, weights, set);
    }

    /// <inheritdoc/>
    public override string Backend => "managed";

    /// <summary>Whether this backend computes a network.</summary>
    public static bool Supports(NetworkDescription description) => description.Configuration is { IsPublishedForm: true };

    /// <inheritdoc/>
    protected override unsafe void Compute(ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Workspace workspace = Rent(height, width);
        fixed (float* picture = input, output = logits)
        {
            for (int i = 0; i < batch; i++)
            {
                workspace.Run(
                    picture + ((nint)i * Description.Channels * height * width),
                    output + ((nint)i * Description.Outputs * height * width));
            }
        }

        idle.Add(workspace);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            disposed = true;
            while (idle.TryTake(out Workspace? workspace))
            {
                workspace.Dispose();
            }

            plan.Dispose();
        }

        base.Dispose(disposing);
    }

    // Pictures of one call after the other mostly have one size: a workspace of another is given up.
    private Workspace Rent(int height, int width)
    {
        while (idle.TryTake(out Workspace? workspace))
        {
            if (workspace.Height == height && workspace.Width == width)
            {
                return workspace;
            }

            workspace.Dispose();
        }

        return plan.Bind(height, width, threads);
    }
}
