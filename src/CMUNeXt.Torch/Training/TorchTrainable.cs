using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Torch.Native;
using CMUNeXt.Torch.Networks;
using CMUNeXt.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Training;

/// <summary>A network that learns with libtorch. Made once a process: threads and allocator are settings of the process.</summary>
public sealed class TorchTrainable : ITrainable
{
    private readonly TrainableSettings settings;
    private readonly NetworkDescription description;
    private readonly Device device;
    private readonly Module<Tensor, Tensor> module;
    private readonly IReadOnlyList<(string Name, Tensor Value)> tensors;
    private readonly Optimizer optimizer;

    /// <summary>Makes the network with the weights that libtorch starts it from.</summary>
    /// <param name="description">Which network.</param>
    /// <param name="settings">Optimizer, loss and seed.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">There is no such network or device.</exception>
    public TorchTrainable(NetworkDescription description, TrainableSettings settings, int? threads = null, string device = "cpu")
        : this(description, settings, threads, device, asItComes: false)
    {
    }

    /// <summary>The same, or with allocator and layout as they come, to be measured.</summary>
    internal TorchTrainable(NetworkDescription description, TrainableSettings settings, int? threads, string device, bool asItComes)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(settings);
        if (!asItComes)
        {
            GlibcAllocator.KeepMemory();
        }

        this.description = description;
        this.settings = settings;
        this.device = TorchDevice.Open(device, threads);
        Seed(settings.Seed, 0);
        module = TorchModules.Create(description);
        module.to(this.device);
        if (!asItComes)
        {
            TorchModules.UseChannelsLast(module);
        }

        tensors = TorchModules.Tensors(module);
        HashSet<string> trained = [.. module.named_parameters().Where(p => p.parameter.requires_grad).Select(p => p.name)];
        optimizer = new Optimizer(settings, [.. tensors.Where(tensor => trained.Contains(tensor.Name))]);
    }

    /// <inheritdoc/>
    public void Seed(ulong seed, long step) => manual_seed(unchecked((long)(seed + ((ulong)step * 0x9E3779B97F4A7C15))));

    /// <inheritdoc/>
    public LossAndLogits Step(Batch batch, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using IDisposable scope = NewDisposeScope();
        module.train();
        (Tensor loss, Tensor logits) = Forward(batch);
        loss.backward();
        optimizer.Step(learningRate);
        return Take(loss, logits);
    }

    /// <inheritdoc/>
    public LossAndLogits Evaluate(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        using IDisposable noGradients = inference_mode();
        using IDisposable scope = NewDisposeScope();
        if (module.training)
        {
            module.eval();
            GlibcAllocator.ReturnMemory();
        }

        (Tensor loss, Tensor logits) = Forward(batch);
        return Take(loss, logits);
    }

    /// <inheritdoc/>
    public StateDict CopyWeights() => TorchModules.Copy(tensors);

    /// <inheritdoc/>
    public StateDict CopyOptimizer() => new(TorchModules.Copy(optimizer.Memory)
        .Append(new WeightTensor("steps", ElementType.Int64, [], BitConverter.GetBytes(optimizer.Steps))));

    /// <inheritdoc/>
    public void Restore(StateDict weights, StateDict? optimizer)
    {
        ArgumentNullException.ThrowIfNull(weights);
        TorchModules.Load(tensors, weights);
        if (optimizer is null)
        {
            this.optimizer.Reset();
            return;
        }

        this.optimizer.Steps = BitConverter.ToInt64(optimizer["steps"].Data.Span);
        TorchModules.Load(this.optimizer.Memory, new StateDict(optimizer.Where(tensor => tensor.Name != "steps")));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        optimizer.Dispose();
        module.Dispose();
    }

    private (Tensor Loss, Tensor Logits) Forward(Batch batch)
    {
        Tensor input = tensor(batch.Input, [batch.Count, description.Channels, batch.Height, batch.Width], device: device);
        Tensor target = tensor(batch.Target, [batch.Count, batch.Height, batch.Width], device: device).to_type(ScalarType.Int64);
        Tensor logits = module.call(input);
        return (Losses.Compute(settings.Loss, logits, target), logits);
    }

    private static LossAndLogits Take(Tensor loss, Tensor logits) =>
        new(loss.detach().cpu().item<float>(), logits.detach().cpu().contiguous().data<float>().ToArray());
}
