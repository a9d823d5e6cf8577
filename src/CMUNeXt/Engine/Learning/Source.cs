using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning;

/// <summary>
/// The input of a layer: whatever is kept of it, read as the layer needs it, and a place for its gradient. Activations and normalised
/// values are not kept, they are made anew by each reader.
/// </summary>
internal abstract unsafe class Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public abstract ChannelOrder Channels { get; }

    public abstract int Height { get; }

    public abstract int Width { get; }

    /// <summary>The pictures of this step.</summary>
    public abstract int Images { get; }

    /// <summary>The pixels of all pictures of this step.</summary>
    public nint Pixels => (nint)Images * Height * Width;

    /// <summary>Octets of channels.</summary>
    public int Octets => Channels.Octets;

    /// <summary>Reads pixels of an octet; an odd number of pixels writes one more.</summary>
    public abstract void Read(int octet, nint pixel, int pixels, float* target);

    /// <summary>Makes room for what tasks sum up of the gradient.</summary>
    public virtual void ReserveGradient(int slots)
    {
    }

    /// <summary>Begins the sums of a task.</summary>
    public virtual void BeginGradient(int slot)
    {
    }

    /// <summary>Takes the gradient of pixels of an octet; what it is given may be changed, also one pixel more.</summary>
    public abstract void WriteGradient(int slot, int octet, nint pixel, int pixels, float* gradient);

    /// <summary>Puts the sums of all tasks together.</summary>
    public virtual void FinishGradient(int slots)
    {
    }
}

/// <summary>A source that is kept as it is.</summary>
internal sealed unsafe class PlainSource<TSimd, TVector>(BatchMap values, ChannelOrder channels) : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelOrder Channels => channels;

    public override int Height => values.Height;

    public override int Width => values.Width;

    public override int Images => values.Images;

    public BatchMap Values => values;

    public BatchMap? Gradient { get; set; }

    public override void Read(int octet, nint pixel, int pixels, float* target) =>
        new ReadOnlySpan<float>(values.At(octet, pixel), pixels * 8).CopyTo(new Span<float>(target, pixels * 8));

    public override void WriteGradient(int slot, int octet, nint pixel, int pixels, float* gradient) =>
        new ReadOnlySpan<float>(gradient, pixels * 8).CopyTo(new Span<float>(Gradient!.At(octet, pixel), pixels * 8));
}

/// <summary>The sum of what a block computed and of what went into it. Its gradient is kept as the block's; the way back adds it to the other's.</summary>
internal sealed unsafe class ResidualSource<TSimd, TVector>(Stage<TSimd, TVector> block, Source<TSimd, TVector> input) : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelOrder Channels => input.Channels;

    public override int Height => input.Height;

    public override int Width => input.Width;

    public override int Images => input.Images;

    public override void Read(int octet, nint pixel, int pixels, float* target)
    {
        const int Block = 64;
        float* other = stackalloc float[Block * 8];
        block.Read(octet, pixel, pixels, target);
        for (int first = 0; first < pixels; first += Block)
        {
            int count = Math.Min(Block, pixels - first);
            input.Read(octet, pixel + first, count, other);
            PixelKernels<TSimd, TVector>.Add(other, target + (first * 8), PixelKernels<TSimd, TVector>.Floats(count));
        }
    }

    public override void ReserveGradient(int slots) => block.ReserveGradient(slots);

    public override void BeginGradient(int slot) => block.BeginGradient(slot);

    public override void WriteGradient(int slot, int octet, nint pixel, int pixels, float* gradient) =>
        block.WriteGradient(slot, octet, pixel, pixels, gradient);

    public override void FinishGradient(int slots) => block.FinishGradient(slots);
}

/// <summary>The pictures of the step, channels x height x width each.</summary>
internal sealed unsafe class PictureSource<TSimd, TVector>(BatchSize batch, ChannelOrder channels, int count, int height, int width)
    : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelOrder Channels => channels;

    public override int Height => height;

    public override int Width => width;

    public override int Images => batch.Count;

    /// <summary>The first value of the first picture; set for each step.</summary>
    public float* Pictures { get; set; }

    // No read goes beyond a picture.
    public override void Read(int octet, nint pixel, int pixels, float* target)
    {
        nint plane = (nint)height * width;
        float* source = Pictures + (pixel / plane * count * plane) + (pixel % plane);
        for (int lane = 0; lane < 8; lane++)
        {
            float* t = target + lane;
            if (channels[(octet * 8) + lane] is var c && c < 0)
            {
                for (int i = 0; i < pixels; i++)
                {
                    t[i * 8] = 0;
                }

                continue;
            }

            float* s = source + (c * plane);
            for (int i = 0; i < pixels; i++)
            {
                t[i * 8] = s[i];
            }
        }
    }

    public override void WriteGradient(int slot, int octet, nint pixel, int pixels, float* gradient) =>
        throw new NotSupportedException("Pictures are not trained.");
}
