using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>Normalization, then ReLU.</summary>
internal sealed unsafe class ReluStage<TSimd, TVector>(BatchMap values, Normalization normalization) : Stage<TSimd, TVector>(
    values, normalization)
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override void Read(int block, nint pixel, int pixels, float* target) => PixelKernels<TSimd, TVector>.AffineRelu(
        Values.At(block, pixel), target, PixelKernels<TSimd, TVector>.Floats(pixels), Normalization.Scale(block),
        Normalization.Shift(block));

    public override void ReadGradient(int block, nint pixel, int pixels, float* target) => PixelKernels<TSimd, TVector>.ReluBackward(
        Values.At(block, pixel),
        Gradient!.At(block, pixel),
        target,
        PixelKernels<TSimd, TVector>.Floats(pixels),
        Normalization.Scale(block),
        Normalization.Shift(block),
        Normalization.A(block),
        Normalization.B(block),
        Normalization.C(block));

    protected override void AddStatistics(float* source, int pixels, double* sums) =>
        PixelKernels<TSimd, TVector>.AddMoments(source, pixels, sums);

    protected override void AddGradientSums(int block, nint pixel, int pixels, float* gradient, double* sums) =>
        PixelKernels<TSimd, TVector>.AddGradientSums(
            gradient, Values.At(block, pixel), pixels, Normalization.Mean(block), Normalization.Scale(block), Normalization.Shift(block),
            sums);
}
