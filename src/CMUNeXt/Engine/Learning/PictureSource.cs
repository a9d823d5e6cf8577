using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning;

/// <summary>The pictures of the step, channels x height x width each.</summary>
internal sealed unsafe class PictureSource<TSimd, TVector>(BatchSize batch, ChannelPlaces channels, int count, int height, int width)
    : Source<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override ChannelPlaces Channels => channels;

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
