using System.Buffers;

namespace CMUNeXt.Networks;

/// <summary>
/// A network with its weights, ready to compute: what every backend offers. It may be disposed of while calls are under way: these come to
/// their end, the last one gives back what the backend holds, and later ones are refused.
/// </summary>
public abstract class Network : IDisposable
{
    private readonly InputSize size;
    private readonly Lock gate = new();
    private int callsUnderWay;
    private bool disposed;

    /// <summary>Names the network.</summary>
    protected Network(NetworkDescription description)
        : this(description, null)
    {
    }

    /// <summary>Names a network whose calls take turns, and that may compute other sizes than its name says.</summary>
    private protected Network(NetworkDescription description, Turns? turns, InputSize? size = null)
    {
        ArgumentNullException.ThrowIfNull(description);
        Description = description;
        this.size = size ?? NetworkCatalog.SizeOf(description.Name);
        Turns = turns;
    }

    /// <summary>The network's name, channels and outputs.</summary>
    public NetworkDescription Description { get; }

    /// <summary>The name of the backend.</summary>
    public abstract string Backend { get; }

    /// <summary>The program that computes, with what its speed depends on: its version, or its instruction set.</summary>
    public virtual string Engine => Backend;

    /// <summary>
    /// Computes logits for normalized images of any size. A size that is no multiple of what the network needs, which is 16 for most, is
    /// padded with zeros on the right and below, and the logits are cropped back.
    /// </summary>
    /// <param name="input">batch x channels x height x width values.</param>
    /// <param name="batch">The number of images, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="cancellation">Says that the logits are no longer wanted; the managed backend then stops between two layers.</param>
    /// <returns>batch x outputs x height x width logits.</returns>
    /// <exception cref="ArgumentException">
    /// The input has another length, a number is below 1, the network takes one size alone and this is another, or the logits are more than
    /// an array holds.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The logits were no longer wanted.</exception>
    public float[] Forward(float[] input, int batch, int height, int width, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        CheckLength(input.Length, batch, Description.Channels, height, width, nameof(input));
        float[] logits = new float[CountLogits(batch, height, width)];
        Forward(input, batch, height, width, logits, cancellation);
        return logits;
    }

    /// <summary>
    /// Computes logits into memory of the caller's; the managed backend then allocates nothing once it has seen the size.
    /// </summary>
    /// <param name="input">batch x channels x height x width values.</param>
    /// <param name="batch">The number of images, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="logits">Receives batch x outputs x height x width logits; it does not overlap the input.</param>
    /// <param name="cancellation">Says that the logits are no longer wanted; the managed backend then stops between two layers.</param>
    /// <exception cref="ArgumentException">
    /// The input or the logits have another length, a number is below 1, or the network takes one size alone and this is another.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The logits were no longer wanted.</exception>
    public void Forward(
        ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits, CancellationToken cancellation = default)
    {
        ForwardCall call = new()
        {
            Network = this,
            Input = input,
            Batch = batch,
            Height = height,
            Width = width,
            Logits = logits,
            Cancellation = cancellation,
        };
        Call(call, static call => call.Compute(), cancellation);
    }

    /// <summary>Prepares a call to be made again and again with the same images: for measuring, and for warming up.</summary>
    /// <param name="input">batch x channels x height x width values, which are not to be changed meanwhile.</param>
    /// <param name="batch">The number of images, at least 1.</param>
    /// <param name="height">Height in pixels, that the network takes without padding.</param>
    /// <param name="width">Width in pixels, that the network takes without padding.</param>
    /// <exception cref="ArgumentException">The input has another length, or the size would have to be padded.</exception>
    /// <exception cref="ObjectDisposedException">The network was disposed of; running the call says so too.</exception>
    public PreparedCall Prepare(float[] input, int batch, int height, int width)
    {
        Count();
        try
        {
            CheckUnpadded(input, batch, height, width);
            return new CountedCall(this, PrepareCompute(input, batch, height, width));
        }
        finally
        {
            Uncount();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        bool isUnused;
        lock (gate)
        {
            isUnused = !disposed && callsUnderWay == 0;
            disposed = true;
        }

        if (isUnused)
        {
            Dispose(true);
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Computes logits where height and width are what the network needs.</summary>
    /// <param name="input">batch x channels x height x width values.</param>
    /// <param name="batch">The number of images.</param>
    /// <param name="height">Height in pixels.</param>
    /// <param name="width">Width in pixels.</param>
    /// <param name="logits">Receives batch x outputs x height x width values.</param>
    /// <param name="cancellation">Says that the logits are no longer wanted; looking at it is up to the backend.</param>
    protected abstract void Compute(
        ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits, CancellationToken cancellation);

    /// <summary>Prepares a call where height and width are what the network needs.</summary>
    protected virtual PreparedCall PrepareCompute(float[] input, int batch, int height, int width) =>
        new ComputeCall(this, input, batch, height, width);

    /// <summary>Gives back what the backend holds: once, when no call is under way any more.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            Turns?.Dispose();
        }
    }

    /// <summary>The turns that calls take; null where any number computes at once.</summary>
    private protected Turns? Turns { get; }

    /// <summary>Makes a call when its turn has come: until its end, what the backend holds is kept.</summary>
    /// <param name="state">What is computed with; it may view memory of the caller's.</param>
    /// <param name="work">What is computed, on the caller's thread or another while that waits.</param>
    /// <param name="cancellation">Says that the turn is no longer wanted; once it has come, looking at this is up to the work.</param>
    /// <returns>What the work returns; what it throws is thrown.</returns>
    /// <exception cref="ObjectDisposedException">The network was disposed of.</exception>
    /// <exception cref="OperationCanceledException">The turn was no longer wanted.</exception>
    internal T Call<TState, T>(TState state, Func<TState, T> work, CancellationToken cancellation = default)
        where TState : allows ref struct
    {
        Count();
        try
        {
            return Turns is null ? work(state) : Turns.Run(state, work, cancellation);
        }
        finally
        {
            Uncount();
        }
    }

    /// <summary>Makes a call on another thread when its turn has come; no thread waits for that.</summary>
    /// <inheritdoc cref="Call"/>
    internal async Task<T> CallAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        Count();
        try
        {
            return await (Turns?.RunAsync(work, cancellation) ?? Task.Run(work, cancellation)).ConfigureAwait(false);
        }
        finally
        {
            Uncount();
        }
    }

    /// <summary>
    /// Does what <see cref="Forward(ReadOnlySpan{float}, int, int, int, Span{float}, CancellationToken)"/> does, in a call that is made.
    /// </summary>
    internal void ForwardInCall(
        ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
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
            Compute(input, batch, height, width, logits, cancellation);
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
        Compute(paddedInput, batch, paddedHeight, paddedWidth, paddedLogits, cancellation);
        CopyRows(paddedLogits, paddedHeight, paddedWidth, logits, height, width, outputs);
        ArrayPool<float>.Shared.Return(padded);
        ArrayPool<float>.Shared.Return(computed);
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

    private void Count()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            callsUnderWay++;
        }
    }

    private void Uncount()
    {
        bool isLast;
        lock (gate)
        {
            isLast = --callsUnderWay == 0 && disposed;
        }

        if (isLast)
        {
            Dispose(true);
        }
    }

    private int CountLogits(int batch, int height, int width) =>
        (long)batch * Description.Outputs * height * width is var count && count <= Array.MaxLength ? (int)count
            : throw new ArgumentException(
                $"{batch} x {Description.Outputs} x {height} x {width} logits are more than an array holds; give fewer at once.");

    private static void CheckLength(int length, int batch, int channels, int height, int width, string name)
    {
        if (batch < 1 || height < 1 || width < 1)
        {
            throw new ArgumentException($"There are no {batch} images of {width} x {height} pixels.", name);
        }

        long needed = (long)batch * channels * height * width;
        if (length != needed)
        {
            throw new ArgumentException($"{batch} x {channels} x {height} x {width} needs {needed} values, not {length}.", name);
        }
    }

    // Copies the part that both sizes have in common, plane by plane.
    private static void CopyRows(
        ReadOnlySpan<float> from, int fromHeight, int fromWidth, Span<float> to, int toHeight, int toWidth, int planes)
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

    private readonly ref struct ForwardCall
    {
        public required Network Network { get; init; }

        public required ReadOnlySpan<float> Input { get; init; }

        public required int Batch { get; init; }

        public required int Height { get; init; }

        public required int Width { get; init; }

        public required Span<float> Logits { get; init; }

        public required CancellationToken Cancellation { get; init; }

        public ValueTuple Compute()
        {
            Network.ForwardInCall(Input, Batch, Height, Width, Logits, Cancellation);
            return default;
        }
    }

    /// <summary>Counts the runs of a backend's call among the network's calls.</summary>
    private sealed class CountedCall(Network network, PreparedCall prepared) : PreparedCall
    {
        public override void Run() => network.Call(prepared, static prepared =>
        {
            prepared.Run();
            return default(ValueTuple);
        });

        public override float[] CopyLogits() => prepared.CopyLogits();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                prepared.Dispose();
            }

            base.Dispose(disposing);
        }
    }

    private sealed class ComputeCall(Network network, float[] input, int batch, int height, int width) : PreparedCall
    {
        private readonly float[] logits = new float[network.CountLogits(batch, height, width)];

        public override void Run() => network.Compute(input, batch, height, width, logits, CancellationToken.None);

        public override float[] CopyLogits() => [.. logits];
    }
}
