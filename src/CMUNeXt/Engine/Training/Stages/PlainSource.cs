using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>A source that is kept as it is.</summary>
internal sealed unsafe class PlainSource<TSimd, TVector>(BatchMap values, ChannelPlaces channels) : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelPlaces Channels => channels;

    public override int Height => values.Height;

    public override int Width => values.Width;

    public override BatchSize Batch => values.Batch;

    public BatchMap Values => values;

    public BatchMap? Gradient { get; set; }

    public override void Read(int block, nint pixel, int pixels, float* target) =>
        new ReadOnlySpan<float>(values.At(block, pixel), pixels * 8).CopyTo(new Span<float>(target, pixels * 8));

    public override void WriteGradient(int slot, int block, nint pixel, int pixels, float* gradient) =>
        new ReadOnlySpan<float>(gradient, pixels * 8).CopyTo(new Span<float>(Gradient!.At(block, pixel), pixels * 8));
}
