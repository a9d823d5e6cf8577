using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Layers;

/// <summary>The last 1x1 convolution, from a stage to planes of logits: what its passes share.</summary>
internal sealed unsafe class Head<TSimd, TVector> : IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Pixels at a time.</summary>
    public const int Chunk = 64;

    /// <summary>Floats from a channel block of a chunk to the next.</summary>
    public const int ChunkBlockStride = (Chunk * 8) + 16;

    /// <summary>Makes room for weights, logits and their gradients.</summary>
    public Head(Source<TSimd, TVector> input, int capacity, int outputs)
    {
        Input = input;
        Outputs = outputs;
        Channels = new ChannelPlaces(outputs);
        Plane = (nint)input.Height * input.Width;
        Logits = new NativeBuffer(capacity * outputs * Plane);
        Gradient = new NativeBuffer(capacity * outputs * Plane);
        Forward = new PackedWeights(input.Channels, Channels, 1, TSimd.Lanes);
        Backward = new PackedWeights(Channels, input.Channels, 1, TSimd.Lanes);
    }

    public Source<TSimd, TVector> Input { get; }

    public int Outputs { get; }

    public ChannelPlaces Channels { get; }

    public required Parameter Weight { get; init; }

    public required Parameter Bias { get; init; }

    public PackedWeights Forward { get; }

    public PackedWeights Backward { get; }

    /// <summary>Images x outputs x pixels.</summary>
    public NativeBuffer Logits { get; }

    /// <summary>The same for the gradients.</summary>
    public NativeBuffer Gradient { get; }

    /// <summary>Pixels of an image.</summary>
    public nint Plane { get; }

    /// <summary>Chunks of an image.</summary>
    public int Chunks => (int)((Plane + Chunk - 1) / Chunk);

    /// <inheritdoc/>
    public void Dispose()
    {
        Logits.Dispose();
        Gradient.Dispose();
        Forward.Dispose();
        Backward.Dispose();
    }
}
