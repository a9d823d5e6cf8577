using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>GELU, then normalization.</summary>
internal sealed unsafe class GeluStage<TSimd, TVector>(BatchMap values, Normalization normalization) : Stage<TSimd, TVector>(
    values, normalization)
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // Sixteen ones, then sixteen zeros.
    private static readonly NativeBuffer Identity = MakeIdentity();

    public override void Read(int octet, nint pixel, int pixels, float* target) => TSimd.GeluAffine(
        Values.At(octet, pixel), target, PixelKernels<TSimd, TVector>.Floats(pixels), Normalization.Scale(octet),
        Normalization.Shift(octet));

    public override void ReadGradient(int octet, nint pixel, int pixels, float* target) => TSimd.GeluBackward(
        Values.At(octet, pixel),
        Gradient!.At(octet, pixel),
        target,
        PixelKernels<TSimd, TVector>.Floats(pixels),
        Normalization.A(octet),
        Normalization.B(octet),
        Normalization.C(octet));

    protected override void AddStatistics(float* source, int pixels, double* sums)
    {
        TSimd.Gelu(source, PixelKernels<TSimd, TVector>.Floats(pixels));
        PixelKernels<TSimd, TVector>.AddMoments(source, pixels, sums);
    }

    protected override void AddGradientSums(int octet, nint pixel, int pixels, float* gradient, double* sums)
    {
        const int Block = 64;
        float* activated = stackalloc float[Block * 8];
        for (int first = 0; first < pixels; first += Block)
        {
            int count = Math.Min(Block, pixels - first);
            TSimd.GeluAffine(
                Values.At(octet, pixel + first), activated, PixelKernels<TSimd, TVector>.Floats(count), Identity.Data, Identity.Data + 16);
            PixelKernels<TSimd, TVector>.AddGradientSums(
                gradient + (first * 8), activated, count, Normalization.Mean(octet), null, null, sums);
        }
    }

    private static NativeBuffer MakeIdentity()
    {
        NativeBuffer buffer = new(32);
        new Span<float>(buffer.Data, 16).Fill(1);
        return buffer;
    }
}
