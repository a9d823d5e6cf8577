using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Training;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Ranks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Backends;

/// <summary>
/// A CMUNeXt in training in this library's own engine, without native code. Results are the same for any number of threads.
/// </summary>
internal sealed class ManagedTrainable : ITrainable
{
    private readonly NetworkDescription description;
    private readonly SegmentationLoss loss;
    private readonly int? threads;
    private readonly InstructionSet? instructions;
    private readonly TrainingNetwork network;

    // The weights as they are, for evaluation; null where an iteration has changed them.
    private ManagedNetwork? evaluated;

    private bool isDisposed;

    /// <summary>Makes the network with the weights that the seed gives.</summary>
    /// <param name="description">Which network; its configuration is needed.</param>
    /// <param name="settings">Optimizer, loss and seed.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="instructions">The instruction set; null takes the widest that this machine has.</param>
    /// <exception cref="ArgumentException">
    /// The network is not a CMUNeXt in its published form, or the settings are not for it (<see cref="TrainableSettings.CheckFor"/>).
    /// </exception>
    public ManagedTrainable(
        NetworkDescription description, TrainableSettings settings, int? threads = null, InstructionSet? instructions = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(settings);
        settings.CheckFor(description);
        if (!ManagedNetwork.Supports(description))
        {
            throw new ArgumentException($"The managed backend does not train this {description.Name}.", nameof(description));
        }

        CMUNeXtConfiguration configuration = description.Configuration!;
        this.description = description;
        this.threads = threads;
        this.instructions = instructions;
        loss = LossOf(settings);
        network = new TrainingNetwork(
            description,
            Initialization.Create(CMUNeXtLayers.Of(configuration, description.Channels, description.Outputs), settings.Seed),
            loss,
            settings.Optimizer == OptimizerKind.Sgd
                ? new MomentumOptimizer(settings.Momentum, settings.WeightDecay) { Decays = settings.Decays, ClipNorm = settings.ClipNorm }
                : new AdamWOptimizer(settings.WeightDecay) { Decays = settings.Decays, ClipNorm = settings.ClipNorm },
            threads,
            instructions,
            settings.AverageDecay > 0 ? settings.AverageDecayAt : null);
    }

    /// <inheritdoc/>
    public (double Loss, float[] Logits) Iterate(Batch batch, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        Forget();
        float[] logits = new float[batch.Count * description.Outputs * batch.Height * batch.Width];
        double value = network.Iterate(
            batch.Input, batch.Target, batch.Count, batch.Height, batch.Width, learningRate, logits, batch.TeacherLogits,
            batch.Ignored is null ? null : batch.Settle);
        return (value, logits);
    }

    /// <inheritdoc/>
    public (double Loss, float[] Logits) Evaluate(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (evaluated is null)
        {
            StateDict weights = CopyAverage() ?? CopyWeights();
            if (!weights.All(tensor => tensor.IsFinite()))
            {
                // An iteration has spoiled them. No network is made of such weights, and the loss says why.
                return (double.NaN, new float[batch.Count * description.Outputs * batch.Height * batch.Width]);
            }

            evaluated = new ManagedNetwork(description, weights, threads, instructions);
        }

        float[] logits = evaluated.Forward(batch.Input, batch.Count, batch.Height, batch.Width);
        batch.Settle(logits, description.Outputs);
        return (loss.Of(logits, batch.Target, batch.Count, description.Outputs, batch.Width), logits);
    }

    /// <inheritdoc/>
    public void Join(ICommunicator communicator)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        network.Join(communicator);
    }

    /// <inheritdoc/>
    public void Seed(ulong seed, long iteration)
    {
        // Nothing is drawn at random in an iteration.
    }

    /// <inheritdoc/>
    public StateDict CopyWeights() => Opened.Tensors.Copy();

    /// <inheritdoc/>
    public StateDict? CopyAverage() => Opened.Average?.Copy();

    /// <inheritdoc/>
    public StateDict CopyOptimizer() => Opened.Optimizer.Copy();

    /// <inheritdoc/>
    public void Restore(StateDict weights, StateDict? optimizer, StateDict? average = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ObjectDisposedException.ThrowIf(isDisposed, this);
        Forget();
        network.Tensors.Set(weights);
        network.Optimizer.Set(optimizer);
        network.Average?.Set(average ?? weights);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        isDisposed = true;
        Forget();
        network.Dispose();
    }

    private static SegmentationLoss LossOf(TrainableSettings settings) => new(
        settings.CrossEntropy, settings.Dice, settings.DiceOfBatch, settings.HealthyPixels, settings.Presence, settings.Distillation,
        settings.Temperature, settings.Focal, settings.TverskyFalsePositives, settings.TverskyFalseNegatives, settings.ClassWeights);

    // Its tensors lie in native memory.
    private TrainingNetwork Opened
    {
        get
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            return network;
        }
    }

    private void Forget()
    {
        evaluated?.Dispose();
        evaluated = null;
    }
}
