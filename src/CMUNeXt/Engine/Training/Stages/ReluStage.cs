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
    public override void Read(int octet, nint pixel, int pixels, float* target) => PixelKernels<TSimd, TVector>.AffineRelu(
        Values.At(octet, pixel), target, PixelKernels<TSimd, TVector>.Floats(pixels), Normalization.Scale(octet),
        Normalization.Shift(octet));

    public override void ReadGradient(int octet, nint pixel, int pixels, float* target) => PixelKernels<TSimd, TVector>.ReluBackward(
        Values.At(octet, pixel),
        Gradient!.At(octet, pixel),
        target,
        PixelKernels<TSimd, TVector>.Floats(pixels),
        Normalization.Scale(octet),
        Normalization.Shift(octet),
        Normalization.A(octet),
        Normalization.B(octet),
        Normalization.C(octet));

    protected override void AddStatistics(float* source, int pixels, double* sums) =>
        PixelKernels<TSimd, TVector>.AddMoments(source, pixels, sums);

    protected override void AddGradientSums(int octet, nint pixel, int pixels, float* gradient, double* sums) =>
        PixelKernels<TSimd, TVector>.AddGradientSums(
            gradient, Values.At(octet, pixel), pixels, Normalization.Mean(octet), Normalization.Scale(octet), Normalization.Shift(octet),
            sums);
}
