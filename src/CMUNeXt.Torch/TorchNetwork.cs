using System.Runtime.InteropServices;
using CMUNeXt.Networks;
using CMUNeXt.Torch.Native;
using CMUNeXt.Torch.Networks;
using CMUNeXt.Weights;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch;

/// <summary>A network that computes with libtorch: the backend <c>torch</c>.</summary>
public sealed class TorchNetwork : Network
{
    private readonly Device device;
    private readonly Module<Tensor, Tensor> module;

    /// <summary>Makes a network with given weights.</summary>
    /// <param name="description">Which network.</param>
    /// <param name="weights">All its tensors.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <exception cref="ArgumentException">There is no such network or device, or the weights do not fit.</exception>
    public TorchNetwork(NetworkDescription description, StateDict weights, int? threads = null, string device = "cpu")
        : base(description)
    {
        this.device = TorchDevice.Open(device, threads);
        module = TorchModules.Create(description);
        TorchModules.Load(TorchModules.Tensors(module), weights);
        module.to(this.device);
        TorchModules.UseChannelsLast(module);
        module.eval();
    }

    /// <inheritdoc/>
    public override string Backend => "torch";

    /// <inheritdoc/>
    protected override void Compute(ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits)
    {
        using IDisposable noGradients = inference_mode();
        using IDisposable scope = NewDisposeScope();
        Tensor x = tensor(input.ToArray(), [batch, Description.Channels, height, width], device: device);
        MemoryMarshal.Cast<byte, float>(module.call(x).cpu().contiguous().bytes).CopyTo(logits);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            module.Dispose();
        }

        base.Dispose(disposing);
    }
}
