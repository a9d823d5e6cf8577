using System.Buffers;

namespace CMUNeXt.Networks;

/// <summary>A network with its weights, ready to compute: what every backend offers.</summary>
public abstract class Network : IDisposable
{
    private readonly InputSize size;

    /// <summary>Names the network.</summary>
    protected Network(NetworkDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        Description = description;
        size = NetworkCatalog.SizeOf(description.Name);
    }

    /// <summary>The network's name, channels and outputs.</summary>
    public NetworkDescription Description { get; }

    /// <summary>The name of the backend: <c>managed</c>, <c>onnxruntime</c> or <c>torch</c>.</summary>
    public abstract string Backend { get; }

    /// <summary>The program that computes, with what its speed depends on: its version, or its instruction set.</summary>
    public virtual string Engine => Backend;

    /// <summary>
    /// Computes logits for normalised pictures of any size. A size that is no multiple of what the network needs, which is 16 for most, is
    /// padded with zeros on the right and below, and the logits are cropped back.
    /// </summary>
    /// <param name="input">batch x channels x height x width values.</param>
    /// <param name="batch">The number of pictures, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <returns>batch x outputs x height x width logits.</returns>
    /// <exception cref="ArgumentException">The input has another length, or the network takes one size alone and this is another.</exception>
    public float[] Forward(float[] input, int batch, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckLength(input.Length, batch, Description.Channels, height, width, nameof(input));
        float[] logits = new float[checked(batch * Description.Outputs * height * width)];
        Forward(input, batch, height, width, logits);
        return logits;
    }

    /// <summary>Computes logits into memory of the caller's; the managed backend then allocates nothing once it has seen the size.</summary>
    /// <param name="input">batch x channels x height x width values.</param>
    /// <param name="batch">The number of pictures, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="logits">Receives batch x outputs x height x width logits; it does not overlap the input.</param>
    /// <exception cref="ArgumentException">
    /// The input or the logits have another length, or the network takes one size alone and this is another.
    /// </exception>
    public void Forward(ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits)
    {
        CheckLength(input.Length, batch, Description.Channels, height, width, nameof(input));
        CheckLength(logits.Length, batch, Description.Outputs, height, width, nameof(logits));
        int paddedHeight = size.RoundUp(height);
        int paddedWidth = size.RoundUp(width);
        if (size.FindFault(paddedWidth, paddedHeight) is { } fault)
        {
            throw new ArgumentException($"{Description.Name}: {fault}.");
        }

        if ((paddedHeight, paddedWidth) == (height, width))
        {
            Compute(input, batch, height, width, logits);
            return;
        }

        int inputs = batch * Description.Channels;
        int outputs = batch * Description.Outputs;
        int area = checked(paddedHeight * paddedWidth);
        float[] padded = ArrayPool<float>.Shared.Rent(checked(inputs * area));
        float[] computed = ArrayPool<float>.Shared.Rent(checked(outputs * area));
        Span<float> paddedInput = padded.AsSpan(0, inputs * area);
        Span<float> paddedLogits = computed.AsSpan(0, outputs * area);
        paddedInput.Clear();
        CopyRows(input, height, width, paddedInput, paddedHeight, paddedWidth, inputs);
        Compute(paddedInput, batch, paddedHeight, paddedWidth, paddedLogits);
        CopyRows(paddedLogits, paddedHeight, paddedWidth, logits, height, width, outputs);
        ArrayPool<float>.Shared.Return(padded);
        ArrayPool<float>.Shared.Return(computed);
    }

    /// <summary>Prepares a call to be made again and again with the same pictures: for measuring, and for warming up.</summary>
    /// <param name="input">batch x channels x height x width values, which are not to be changed meanwhile.</param>
    /// <param name="batch">The number of pictures, at least 1.</param>
    /// <param name="height">Height in pixels, that the network takes without padding.</param>
    /// <param name="width">Width in pixels, that the network takes without padding.</param>
    /// <exception cref="ArgumentException">The input has another length, or the size would have to be padded.</exception>
    public PreparedCall Prepare(float[] input, int batch, int height, int width)
    {
        CheckUnpadded(input, batch, height, width);
        return PrepareCompute(input, batch, height, width);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Computes logits where height and width are what the network needs.</summary>
    /// <param name="input">batch x channels x height x width values.</param>
    /// <param name="batch">The number of pictures.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="logits">Receives batch x outputs x height x width values.</param>
    protected abstract void Compute(ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits);

    /// <summary>Prepares a call where height and width are what the network needs.</summary>
    protected virtual PreparedCall PrepareCompute(float[] input, int batch, int height, int width) =>
        new ComputeCall(this, input, batch, height, width);

    /// <summary>Gives back what the backend holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Refuses what would have to be padded.</summary>
    private protected void CheckUnpadded(float[] input, int batch, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckLength(input.Length, batch, Description.Channels, height, width, nameof(input));
        if (size.FindFault(width, height) is { } fault)
        {
            throw new ArgumentException($"{Description.Name}: {fault}.");
        }
    }

    private static void CheckLength(int length, int batch, int channels, int height, int width, string name)
    {
        long needed = (long)batch * channels * height * width;
        if (length != needed)
        {
            throw new ArgumentException($"{batch} x {channels} x {height} x {width} needs {needed} values, not {length}.", name);
        }
    }

    // Copies the part that both sizes have in common, plane by plane.
    private static void CopyRows(ReadOnlySpan<float> from, int fromHeight, int fromWidth, Span<float> to, int toHeight, int toWidth, int planes)
    {
        int width = Math.Min(fromWidth, toWidth);
        for (int p = 0; p < planes; p++)
        {
            for (int y = 0; y < Math.Min(fromHeight, toHeight); y++)
            {
                from.Slice(((p * fromHeight) + y) * fromWidth, width).CopyTo(to[(((p * toHeight) + y) * toWidth)..]);
            }
        }
    }

    private sealed class ComputeCall(Network network, float[] input, int batch, int height, int width) : PreparedCall
    {
        private readonly float[] logits = new float[checked(batch * network.Description.Outputs * height * width)];

        public override void Run() => network.Compute(input, batch, height, width, logits);

        public override float[] CopyLogits() => [.. logits];
    }
}
