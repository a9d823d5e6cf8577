using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>
/// What a convolution computed, kept as it came out of it, with the activation and the normalization behind it, in either order. A
/// reader of the stage sees the result of both.
/// </summary>
internal abstract unsafe class Stage<TSimd, TVector>(BatchMap values, Normalization normalization) : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelPlaces Channels => normalization.Channels;

    public override int Height => values.Height;

    public override int Width => values.Width;

    public override BatchSize Batch => values.Batch;

    public BatchMap Values => values;

    /// <summary>The gradient of what readers see.</summary>
    public BatchMap? Gradient { get; set; }

    /// <summary>Set where a part of the gradient comes later: then whoever writes the last part sums it up.</summary>
    public bool SumsLater { get; init; }

    protected Normalization Normalization => normalization;

    /// <summary>Makes room for the statistics of so many tasks of each image.</summary>
    public void Reserve(int imageSlots) => normalization.Reserve(imageSlots);

    /// <summary>Begins the statistics of a task for some channel blocks.</summary>
    public void Begin(int slot, int first, int count) => normalization.Clear(slot, first, count);

    /// <summary>Keeps pixels of a channel block that a convolution computed; what it is given is changed, also one pixel more.</summary>
    public void Write(int slot, int block, nint pixel, int pixels, float* source)
    {
        new ReadOnlySpan<float>(source, pixels * 8).CopyTo(new Span<float>(values.At(block, pixel), pixels * 8));
        AddStatistics(source, pixels, normalization.Sums(slot, block));
    }

    /// <summary>Puts the statistics of all tasks together, so many of each image.</summary>
    public void Finish(int imageSlots) => normalization.FinishStatistics(Plane, imageSlots);

    /// <summary>The gradient of the kept values; an odd number of pixels writes one more.</summary>
    public abstract void ReadGradient(int block, nint pixel, int pixels, float* target);

    public override void ReserveGradient(int imageSlots) => normalization.Reserve(imageSlots);

    public override void BeginGradient(int slot)
    {
        if (!SumsLater)
        {
            normalization.Clear(slot, 0, Blocks);
        }
    }

    public override void WriteGradient(int slot, int block, nint pixel, int pixels, float* gradient)
    {
        new ReadOnlySpan<float>(gradient, pixels * 8).CopyTo(new Span<float>(Gradient!.At(block, pixel), pixels * 8));
        if (!SumsLater)
        {
            AddGradientSums(block, pixel, pixels, gradient, normalization.Sums(slot, block));
        }
    }

    public override void FinishGradient(int imageSlots)
    {
        if (!SumsLater)
        {
            normalization.FinishGradient(Plane, imageSlots);
        }
    }

    /// <summary>Begins sums that were left for later.</summary>
    public void BeginLateGradient(int slot) => normalization.Clear(slot, 0, Blocks);

    /// <summary>Takes the whole gradient of pixels of a channel block where a part of it was written before.</summary>
    public void WriteLateGradient(int slot, int block, nint pixel, int pixels, float* gradient)
    {
        new ReadOnlySpan<float>(gradient, pixels * 8).CopyTo(new Span<float>(Gradient!.At(block, pixel), pixels * 8));
        AddGradientSums(block, pixel, pixels, gradient, normalization.Sums(slot, block));
    }

    /// <summary>Puts sums together that were left for later.</summary>
    public void FinishLateGradient(int imageSlots) => normalization.FinishGradient(Plane, imageSlots);

    /// <summary>Adds to the sums that mean and variance are made of; the values may be changed.</summary>
    protected abstract void AddStatistics(float* source, int pixels, double* sums);

    /// <summary>Adds to the sums that backward through the normalization needs.</summary>
    protected abstract void AddGradientSums(int block, nint pixel, int pixels, float* gradient, double* sums);
}
