using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>The images of the iteration, channels x height x width each.</summary>
internal sealed unsafe class ImageSource<TSimd, TVector>(BatchSize batch, ChannelPlaces channels, int count, int height, int width)
    : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelPlaces Channels => channels;

    public override int Height => height;

    public override int Width => width;

    public override BatchSize Batch => batch;

    /// <summary>The first value of the first image; set for each iteration.</summary>
    public float* Values { get; set; }

    // No read goes beyond an image.
    public override void Read(int block, nint pixel, int pixels, float* target)
    {
        nint plane = (nint)height * width;
        float* source = Values + (pixel / plane * count * plane) + (pixel % plane);
        for (int lane = 0; lane < 8; lane++)
        {
            float* t = target + lane;
            if (channels[(block * 8) + lane] is var c && c < 0)
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

    public override void WriteGradient(int slot, int block, nint pixel, int pixels, float* gradient) =>
        throw new NotSupportedException("Images are not trained.");
}
