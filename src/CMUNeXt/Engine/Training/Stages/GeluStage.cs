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

    public override void Read(int block, nint pixel, int pixels, float* target) => TSimd.GeluAffine(
        Values.At(block, pixel), target, PixelKernels<TSimd, TVector>.Floats(pixels), Normalization.Scale(block),
        Normalization.Shift(block));

    public override void ReadGradient(int block, nint pixel, int pixels, float* target) => TSimd.GeluBackward(
        Values.At(block, pixel),
        Gradient!.At(block, pixel),
        target,
        PixelKernels<TSimd, TVector>.Floats(pixels),
        Normalization.A(block),
        Normalization.B(block),
        Normalization.C(block));

    protected override void AddStatistics(float* source, int pixels, double* sums)
    {
        TSimd.Gelu(source, PixelKernels<TSimd, TVector>.Floats(pixels));
        PixelKernels<TSimd, TVector>.AddMoments(source, pixels, sums);
    }

    protected override void AddGradientSums(int block, nint pixel, int pixels, float* gradient, double* sums)
    {
        const int Chunk = 64;
        float* activated = stackalloc float[Chunk * 8];
        for (int first = 0; first < pixels; first += Chunk)
        {
            int count = Math.Min(Chunk, pixels - first);
            TSimd.GeluAffine(
                Values.At(block, pixel + first), activated, PixelKernels<TSimd, TVector>.Floats(count), Identity.Data, Identity.Data + 16);
            PixelKernels<TSimd, TVector>.AddGradientSums(
                gradient + (first * 8), activated, count, Normalization.Mean(block), null, null, sums);
        }
    }

    private static NativeBuffer MakeIdentity()
    {
        NativeBuffer buffer = new(32);
        new Span<float>(buffer.Data, 16).Fill(1);
        return buffer;
    }
}
