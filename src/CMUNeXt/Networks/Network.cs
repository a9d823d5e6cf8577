namespace CMUNeXt.Networks;

/// <summary>A network with its weights, ready to compute: what every backend offers.</summary>
public abstract class Network : IDisposable
{
    /// <summary>Inputs are padded with zeros, on the right and below, to a multiple of this many pixels.</summary>
    public const int Multiple = 16;

    /// <summary>Names the network.</summary>
    protected Network(NetworkDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        Description = description;
    }

    /// <summary>The network's name, channels and outputs.</summary>
    public NetworkDescription Description { get; }

    /// <summary>The name of the backend: <c>managed</c>, <c>onnxruntime</c> or <c>torch</c>.</summary>
    public abstract string Backend { get; }

    /// <summary>The program that computes, with what its speed depends on: its version, or its instruction set.</summary>
    public virtual string Engine => Backend;

    /// <summary>
    /// Computes logits for normalised pictures of any size. A size that is no multiple of 16 is padded with zeros on the right and below,
    /// and the logits are cropped back.
    /// </summary>
    /// <param name="input">batch x channels x height x width values.</param>
    /// <param name="batch">The number of pictures, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <returns>batch x outputs x height x width logits.</returns>
    /// <exception cref="ArgumentException">The input has another length.</exception>
    public float[] Forward(float[] input, int batch, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(input);
        int planes = batch * Description.Channels;
        CheckLength(input, batch, height, width);
        int paddedHeight = RoundUp(height);
        int paddedWidth = RoundUp(width);
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

    /// <summary>Prepares a call to be made again and again with the same pictures: for measuring, and for warming up.</summary>
    /// <param name="input">batch x channels x height x width values, which are not to be changed meanwhile.</param>
    /// <param name="batch">The number of pictures, at least 1.</param>
    /// <param name="height">Height in pixels, a multiple of <see cref="Multiple"/>.</param>
    /// <param name="width">Width in pixels, a multiple of <see cref="Multiple"/>.</param>
    /// <exception cref="ArgumentException">The input has another length, or a side is no multiple.</exception>
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

    /// <summary>Computes logits where height and width are multiples of <see cref="Multiple"/>.</summary>
    protected abstract float[] Compute(float[] input, int batch, int height, int width);

    /// <summary>Prepares a call where height and width are multiples of <see cref="Multiple"/>.</summary>
    protected virtual PreparedCall PrepareCompute(float[] input, int batch, int height, int width) =>
        new ComputeCall(() => Compute(input, batch, height, width));

    /// <summary>Gives back what the backend holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>Refuses what would have to be padded.</summary>
    private protected void CheckUnpadded(float[] input, int batch, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckLength(input, batch, height, width);
        if (height % Multiple != 0 || width % Multiple != 0)
        {
            throw new ArgumentException($"Height and width are multiples of {Multiple}, not {height} x {width}.", nameof(height));
        }
    }

    private void CheckLength(float[] input, int batch, int height, int width)
    {
        long needed = (long)batch * Description.Channels * height * width;
        if (input.Length != needed)
        {
            throw new ArgumentException($"{batch} x {Description.Channels} x {height} x {width} needs {needed} values, not {input.Length}.", nameof(input));
        }
    }

    private static int RoundUp(int size) => checked((size + Multiple - 1) / Multiple * Multiple);

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

    private sealed class ComputeCall(Func<float[]> compute) : PreparedCall
    {
        private float[] logits = [];

        public override void Run() => logits = compute();

        public override float[] CopyLogits() => [.. logits];
    }
}
