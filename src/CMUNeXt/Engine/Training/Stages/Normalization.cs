using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>
/// Batch normalization while training (Ioffe and Szegedy, 2015): y = (x - mean) / sqrt(variance + 1e-5) gamma + beta, mean and variance of
/// each channel over all pixels of the batch; and back through it, where the gradient of x is an affine function of that of y and of x.
/// The sums are made by tasks, for each in double precision, and put together in the order of the tasks and then of the images, those of
/// other ranks too: the statistics are those of the whole batch (synchronized batch normalization).
/// </summary>
internal sealed unsafe class Normalization : IDisposable
{
    private const double Epsilon = 1e-5;
    private const double Momentum = 0.1;

    private readonly Parameter gamma;
    private readonly Parameter beta;
    private readonly Parameter? bias;
    private readonly RunningStatistics running;
    private readonly ChannelPlaces channels;
    private readonly NativeBuffer vectors;
    private readonly double[] mean;
    private readonly double[] inverse;
    private readonly BatchSize batch;
    private readonly double[] totals;
    private double[] images = [];
    private NativeBuffer sums = new(0);

    /// <summary>Takes what is trained and what runs along.</summary>
    /// <param name="gamma">The scale.</param>
    /// <param name="beta">The shift.</param>
    /// <param name="running">The running mean and variance.</param>
    /// <param name="channels">The order of the channels.</param>
    /// <param name="batch">The images of an iteration.</param>
    /// <param name="bias">
    /// The bias of a convolution right before: the normalization takes it away again, so it takes no part but in the running mean.
    /// </param>
    public Normalization(
        Parameter gamma, Parameter beta, RunningStatistics running, ChannelPlaces channels, BatchSize batch, Parameter? bias = null)
    {
        this.gamma = gamma;
        this.beta = beta;
        this.running = running;
        this.channels = channels;
        this.batch = batch;
        this.bias = bias;
        totals = new double[channels.Blocks * 16];
        mean = new double[channels.Blocks * 8];
        inverse = new double[channels.Blocks * 8];
        vectors = new NativeBuffer(6 * channels.Blocks * 16);
    }

    /// <summary>The order of the channels.</summary>
    public ChannelPlaces Channels => channels;

    /// <summary>Sixteen values for a channel block: y = x scale + shift.</summary>
    public float* Scale(int block) => Vector(0, block);

    /// <inheritdoc cref="Scale"/>
    public float* Shift(int block) => Vector(1, block);

    /// <summary>The mean.</summary>
    public float* Mean(int block) => Vector(2, block);

    /// <summary>Sixteen values for a channel block: the gradient of x is a times that of y + b x + c.</summary>
    public float* A(int block) => Vector(3, block);

    /// <inheritdoc cref="A"/>
    public float* B(int block) => Vector(4, block);

    /// <inheritdoc cref="A"/>
    public float* C(int block) => Vector(5, block);

    /// <summary>Makes room for the sums of so many tasks of each image.</summary>
    public void Reserve(int imageSlots)
    {
        nint size = (nint)batch.Capacity * imageSlots * channels.Blocks * 16 * 2;
        if (sums.Count < size)
        {
            sums.Dispose();
            sums = new NativeBuffer(size);
            images = new double[batch.Capacity * channels.Blocks * 16];
        }
    }

    /// <summary>The sums of a task: for a channel block eight first ones, then eight second ones.</summary>
    public double* Sums(int slot, int block) => (double*)sums.Data + ((((nint)slot * channels.Blocks) + block) * 16);

    /// <summary>Empties the sums of a task for some channel blocks.</summary>
    public void Clear(int slot, int first, int count) => new Span<double>(Sums(slot, first), count * 16).Clear();

    /// <summary>Makes scale and shift, and lets the running statistics follow, from the sums of x and x squared.</summary>
    /// <param name="plane">The pixels of an image.</param>
    /// <param name="imageSlots">The tasks of an image.</param>
    public void FinishStatistics(nint plane, int imageSlots)
    {
        nint pixels = plane * batch.Total;
        AddUp(imageSlots);
        for (int place = 0; place < channels.Blocks * 8; place++)
        {
            if (channels[place] is var c && c < 0)
            {
                continue;
            }

            (double first, double second) = TotalOf(place, totals);
            double m = first / pixels;
            double variance = Math.Max((second / pixels) - (m * m), 0);
            mean[place] = m;
            inverse[place] = 1 / Math.Sqrt(variance + Epsilon);
            double scale = gamma.Value[c] * inverse[place];
            Set(0, place, scale);
            Set(1, place, beta.Value[c] - (m * scale));
            Set(2, place, m);
            float* runningMean = running.Mean + c;
            float* runningVariance = running.Variance + c;
            *runningMean = (float)(((1 - Momentum) * *runningMean) + (Momentum * (m + (bias is null ? 0 : bias.Value[c]))));
            *runningVariance = (float)(((1 - Momentum) * *runningVariance) + (Momentum * variance * pixels / (pixels - 1)));
        }

        running.Batches++;
    }

    /// <summary>
    /// Makes the gradients of gamma and beta, and a, b and c, from the sums of y's gradient and of its product with x - mean.
    /// </summary>
    /// <param name="plane">The pixels of an image.</param>
    /// <param name="imageSlots">The tasks of an image.</param>
    public void FinishGradient(nint plane, int imageSlots)
    {
        AddUp(imageSlots);
        FinishGradient(plane, totals);
    }

    /// <summary>The same from the sums over all images, which are laid out as those of a task.</summary>
    public void FinishGradient(nint plane, ReadOnlySpan<double> totals)
    {
        nint pixels = plane * batch.Total;
        for (int place = 0; place < channels.Blocks * 8; place++)
        {
            if (channels[place] is var c && c < 0)
            {
                continue;
            }

            (double first, double second) = TotalOf(place, totals);
            double rounding = *(Mean(place / 8) + (place % 8)) - mean[place];
            double product = inverse[place] * (second + (rounding * first));
            gamma.Gradient[c] = (float)product;
            beta.Gradient[c] = (float)first;
            double a = gamma.Value[c] * inverse[place];
            double b = -a * inverse[place] * product / pixels;
            Set(3, place, a);
            Set(4, place, b);
            Set(5, place, (-a * first / pixels) - (b * mean[place]));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        vectors.Dispose();
        sums.Dispose();
    }

    private static (double First, double Second) TotalOf(int place, ReadOnlySpan<double> totals)
    {
        int first = (place / 8 * 16) + (place % 8);
        return (totals[first], totals[first + 8]);
    }

    // The sums of all tasks, image by image, and then of all images.
    private void AddUp(int imageSlots)
    {
        int size = totals.Length;
        Array.Clear(images);
        for (int slot = 0; slot < batch.Count * imageSlots; slot++)
        {
            Add(new ReadOnlySpan<double>(Sums(slot, 0), size), images.AsSpan(slot / imageSlots * size, size));
        }

        ReadOnlySpan<double> all = batch.Gather(images.AsSpan(0, batch.Count * size), size);
        Array.Clear(totals);
        for (int image = 0; image < batch.Total; image++)
        {
            Add(all.Slice(image * size, size), totals);
        }
    }

    private static void Add(ReadOnlySpan<double> summand, Span<double> sums)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += summand[i];
        }
    }

    private float* Vector(int kind, int block) => vectors.Data + (((kind * channels.Blocks) + block) * 16);

    private void Set(int kind, int place, double value)
    {
        float* vector = Vector(kind, place / 8) + (place % 8);
        vector[0] = vector[8] = (float)value;
    }
}
