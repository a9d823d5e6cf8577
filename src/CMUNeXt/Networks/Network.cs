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
        int planes = batch * Description.Channels;
        if (input.Length != (long)planes * height * width)
        {
            throw new ArgumentException(
                $"{batch} x {Description.Channels} x {height} x {width} needs {(long)planes * height * width} values, not {input.Length}.", nameof(input));
        }

        int paddedHeight = size.RoundUp(height);
        int paddedWidth = size.RoundUp(width);
        if (size.FindFault(paddedWidth, paddedHeight) is { } fault)
        {
            throw new ArgumentException($"{Description.Name}: {fault}.");
        }

        if ((paddedHeight, paddedWidth) == (height, width))
        {
            return Compute(input, batch, height, width);
        }

        float[] padded = new float[checked(planes * paddedHeight * paddedWidth)];
        CopyRows(input, height, width, padded, paddedHeight, paddedWidth, planes);
        float[] logits = Compute(padded, batch, paddedHeight, paddedWidth);
        float[] cropped = new float[batch * Description.Outputs * height * width];
        CopyRows(logits, paddedHeight, paddedWidth, cropped, height, width, batch * Description.Outputs);
        return cropped;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Computes logits where height and width are what the network needs.</summary>
    protected abstract float[] Compute(float[] input, int batch, int height, int width);

    /// <summary>Gives back what the backend holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    // Copies the part that both sizes have in common, plane by plane.
    private static void CopyRows(float[] from, int fromHeight, int fromWidth, float[] to, int toHeight, int toWidth, int planes)
    {
        int width = Math.Min(fromWidth, toWidth);
        for (int p = 0; p < planes; p++)
        {
            for (int y = 0; y < Math.Min(fromHeight, toHeight); y++)
            {
                from.AsSpan(((p * fromHeight) + y) * fromWidth, width).CopyTo(to.AsSpan(((p * toHeight) + y) * toWidth));
            }
        }
    }
}
