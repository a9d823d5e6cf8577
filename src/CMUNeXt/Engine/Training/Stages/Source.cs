using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>
/// The input of a layer: whatever is kept of it, read as the layer needs it, and a place for its gradient. Activations and normalized
/// values are not kept, each reader recomputes them.
/// </summary>
internal abstract unsafe class Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public abstract ChannelPlaces Channels { get; }

    public abstract int Height { get; }

    public abstract int Width { get; }

    /// <summary>The images of this iteration.</summary>
    public abstract BatchSize Batch { get; }

    /// <summary>The pixels of an image.</summary>
    public nint Plane => (nint)Height * Width;

    /// <summary>Channel blocks.</summary>
    public int Blocks => Channels.Blocks;

    /// <summary>Reads pixels of a channel block; an odd number of pixels writes one more.</summary>
    public abstract void Read(int block, nint pixel, int pixels, float* target);

    /// <summary>Makes room for what so many tasks of each image sum up of the gradient.</summary>
    public virtual void ReserveGradient(int imageSlots)
    {
    }

    /// <summary>Begins the sums of a task.</summary>
    public virtual void BeginGradient(int slot)
    {
    }

    /// <summary>Takes the gradient of pixels of a channel block; what it is given may be changed, also one pixel more.</summary>
    public abstract void WriteGradient(int slot, int block, nint pixel, int pixels, float* gradient);

    /// <summary>Puts the sums of all tasks together, so many of each image.</summary>
    public virtual void FinishGradient(int imageSlots)
    {
    }
}
