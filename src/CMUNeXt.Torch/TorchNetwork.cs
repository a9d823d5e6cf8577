using System.Runtime.InteropServices;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Torch.Native;
using CMUNeXt.Torch.Networks;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch;

/// <summary>A network that computes with libtorch: the backend <c>torch</c>.</summary>
public sealed class TorchNetwork : Network
{
    private readonly Device device;
    private readonly Module<Tensor, Tensor> module;
    private readonly bool channelsLast;

    /// <summary>Makes a network with given weights.</summary>
    /// <param name="description">Which network.</param>
    /// <param name="weights">All its tensors.</param>
    /// <param name="threads">The number of threads, at least 1; null takes one for each core.</param>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    /// <param name="channelsLast">Whether the channels are innermost in memory, as libtorch's convolutions mostly are faster with.</param>
    /// <exception cref="ArgumentException">There is no such network or device, or the weights do not fit.</exception>
    public TorchNetwork(
        NetworkDescription description, StateDict weights, int? threads = null, string device = "cpu", bool channelsLast = true)
        : base(description)
    {
        this.device = TorchDevice.Open(device, threads);
        module = TorchModules.Create(description);
        TorchModules.Load(TorchModules.Tensors(module), weights);
        module.to(this.device);
        this.channelsLast = channelsLast;
        if (channelsLast)
        {
            TorchModules.UseChannelsLast(module);
        }

        module.eval();
    }

    /// <inheritdoc/>
    public override string Backend => TorchBackend.BackendName;

    /// <inheritdoc/>
    public override string Engine => $"libtorch {__version__}";

    /// <inheritdoc/>
    protected override void Compute(
        ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits, CancellationToken cancellation)
    {
        using IDisposable noGradients = inference_mode();
        using IDisposable scope = NewDisposeScope();
        Tensor x = tensor(input.ToArray(), [batch, Description.Channels, height, width], device: device);
        MemoryMarshal.Cast<byte, float>(module.call(x).cpu().contiguous().bytes).CopyTo(logits);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// The images lie in libtorch's memory and in the layout of the weights, and glibc's allocator no longer returns memory between
    /// calls, for the whole process.
    /// </remarks>
    protected override PreparedCall PrepareCompute(float[] input, int batch, int height, int width)
    {
        GlibcAllocator.KeepMemory();
        return new TensorCall(this, input, [batch, Description.Channels, height, width]);
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

    private sealed class TensorCall : PreparedCall
    {
        private readonly TorchNetwork network;
        private readonly Tensor images;
        private Tensor? logits;

        public TensorCall(TorchNetwork network, float[] input, long[] shape)
        {
            this.network = network;
            using IDisposable noGradients = inference_mode();
            using IDisposable scope = NewDisposeScope();
            Tensor x = tensor(input, shape, device: network.device);

            // The strides of a tensor with the channels last.
            x = network.channelsLast ? x.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : x;
            images = x.MoveToOuterDisposeScope();
        }

        public override void Run()
        {
            logits?.Dispose();
            using IDisposable noGradients = inference_mode();
            using IDisposable scope = NewDisposeScope();
            logits = network.module.call(images).MoveToOuterDisposeScope();
        }

        public override float[] CopyLogits()
        {
            using IDisposable scope = NewDisposeScope();
            return logits is null ? [] : logits.cpu().contiguous().data<float>().ToArray();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                images.Dispose();
                logits?.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
