using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Torch.Native;
using CMUNeXt.Torch.Networks;
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
    private readonly FlatTensors flat;
    private readonly Optimizer optimizer;
    private readonly IReadOnlyList<(string Name, Tensor Value)> average;

    // The weights, while their average stands in their place; null while they are there themselves.
    private Tensor? held;
    private bool isDisposed;

    /// <summary>Makes the network with the weights that libtorch starts it from.</summary>
    /// <param name="description">Which network.</param>
    /// <param name="settings">Optimizer, loss and seed.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">
    /// There is no such network or device, or the settings are not for the network (<see cref="TrainableSettings.CheckFor"/>).
    /// </exception>
    public TorchTrainable(NetworkDescription description, TrainableSettings settings, int? threads = null, string device = "cpu")
        : this(description, settings, threads, device, asItComes: false)
    {
    }

    /// <summary>The same, or with allocator and layout as they come, to be measured.</summary>
    internal TorchTrainable(NetworkDescription description, TrainableSettings settings, int? threads, string device, bool asItComes)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(settings);
        settings.CheckFor(description);
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

        // On a GPU the depthwise convolutions of float32 want each channel by itself.
        bool channelsLast = !asItComes && this.device.type == DeviceType.CPU;
        if (channelsLast)
        {
            TorchModules.UseChannelsLast(module);
        }

        tensors = TorchModules.Tensors(module);
        HashSet<string> trained = [.. module.named_parameters().Where(p => p.parameter.requires_grad).Select(p => p.name)];
        flat = new FlatTensors(tensors, trained.Contains, settings.Decays, channelsLast);
        optimizer = new Optimizer(settings, flat);
        average = optimizer.Average is { } values ? InOrder(flat.Views(values)) : [];
    }

    /// <inheritdoc/>
    public int EvaluationBatch => device.type == DeviceType.CPU ? 1 : 8;

    /// <inheritdoc/>
    public void Seed(ulong seed, long iteration) => manual_seed(unchecked((long)(seed + ((ulong)iteration * 0x9E3779B97F4A7C15))));

    /// <inheritdoc/>
    public (double Loss, float[] Logits) Iterate(Batch batch, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(batch);
        UseWeights();
        using IDisposable scope = NewDisposeScope();
        module.train();
        (Tensor loss, Tensor logits) = Forward(batch);
        loss.backward();
        optimizer.Update(learningRate);
        return Take(loss, logits);
    }

    /// <inheritdoc/>
    public (double Loss, float[] Logits) Evaluate(Batch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        UseAverage();
        using IDisposable noGradients = inference_mode();
        using IDisposable scope = NewDisposeScope();
        if (module.training)
        {
            module.eval();
            GlibcAllocator.ReturnMemory();
        }

        (Tensor loss, Tensor logits) = Forward(batch with { TeacherLogits = null });
        return Take(loss, logits);
    }

    /// <inheritdoc/>
    public StateDict CopyWeights()
    {
        UseWeights();
        return TorchModules.Copy(tensors);
    }

    /// <inheritdoc/>
    public StateDict? CopyAverage()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return optimizer.Average is null ? null : TorchModules.Copy(average);
    }

    /// <inheritdoc/>
    public StateDict CopyOptimizer()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        return new(TorchModules.Copy(optimizer.Memory)
            .Append(new WeightTensor("steps", ElementType.Int64, [], BitConverter.GetBytes(optimizer.Iterations))));
    }

    /// <inheritdoc/>
    public void Restore(StateDict weights, StateDict? optimizer, StateDict? average = null)
    {
        ArgumentNullException.ThrowIfNull(weights);
        UseWeights();
        TorchModules.Load(tensors, weights);
        if (this.optimizer.Average is not null)
        {
            (string Name, Tensor Value)[] averaged = [.. this.average.Where(tensor => tensor.Value.is_floating_point())];
            HashSet<string> names = [.. averaged.Select(tensor => tensor.Name)];
            TorchModules.Load(averaged, new StateDict((average ?? weights).Where(tensor => names.Contains(tensor.Name))));
        }

        if (optimizer is null)
        {
            this.optimizer.Reset();
            return;
        }

        this.optimizer.Iterations = BitConverter.ToInt64(optimizer["steps"].Data.Span);
        TorchModules.Load(this.optimizer.Memory, new StateDict(optimizer.Where(tensor => tensor.Name != "steps")));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        isDisposed = true;
        held?.Dispose();
        optimizer.Dispose();
        flat.Dispose();
        module.Dispose();
    }

    // Integer tensors have no average: theirs are the weights' own.
    private List<(string Name, Tensor Value)> InOrder(IReadOnlyList<(string Name, Tensor Value)> views)
    {
        Dictionary<string, Tensor> byName = views.ToDictionary(view => view.Name, view => view.Value);
        return [.. tensors.Select(tensor => (tensor.Name, byName.GetValueOrDefault(tensor.Name, tensor.Value)))];
    }

    private void UseAverage()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (optimizer.Average is { } values && held is null)
        {
            using IDisposable noGradients = no_grad();
            held = flat.Values.clone();
            flat.Values.copy_(values);
        }
    }

    private void UseWeights()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (held is not null)
        {
            using IDisposable noGradients = no_grad();
            flat.Values.copy_(held);
            held.Dispose();
            held = null;
        }
    }

    private (Tensor Loss, Tensor Logits) Forward(Batch batch)
    {
        Tensor input = tensor(batch.Input, [batch.Count, description.Channels, batch.Height, batch.Width], device: device);
        Tensor target = tensor(batch.Target, [batch.Count, batch.Height, batch.Width], device: device).to_type(ScalarType.Int64);
        Tensor? teacher = batch.TeacherLogits is { } taught
            ? tensor(taught, [batch.Count, description.Outputs, batch.Height, batch.Width], device: device)
            : null;
        Tensor logits = Settled(batch, module.call(input));
        return (Losses.Compute(settings, logits, target, FindHealthy(batch), teacher), logits);
    }

    // Ignored pixels get the logits of certain background, through which no gradient goes.
    private Tensor Settled(Batch batch, Tensor logits)
    {
        if (batch.Ignored is not { } ignored)
        {
            return logits;
        }

        float[] settled = new float[logits.numel()];
        batch.Settle(settled, description.Outputs);
        return where(
            tensor(ignored, [batch.Count, 1, batch.Height, batch.Width], device: device),
            tensor(settled, logits.shape, device: device),
            logits);
    }

    private static bool[] FindHealthy(Batch batch)
    {
        int pixels = batch.Height * batch.Width;
        return [.. Enumerable.Range(0, batch.Count)
            .Select(image => !batch.Target.AsSpan(image * pixels, pixels).ContainsAnyExcept((byte)0))];
    }

    private static (double Loss, float[] Logits) Take(Tensor loss, Tensor logits) =>
        new(loss.detach().cpu().item<float>(), logits.detach().cpu().contiguous().data<float>().ToArray());
}
