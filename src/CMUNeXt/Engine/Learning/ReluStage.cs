using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Learning;

/// <summary>Normalisation, then ReLU.</summary>
internal sealed unsafe class ReluStage<TSimd, TVector>(BatchMap values, Normalisation normalisation) : Stage<TSimd, TVector>(values, normalisation)
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public override void Read(int octet, nint pixel, int pixels, float* target) => PixelKernels<TSimd, TVector>.AffineRelu(
        Values.At(octet, pixel), target, PixelKernels<TSimd, TVector>.Floats(pixels), Normalisation.Scale(octet), Normalisation.Shift(octet));

    public override void ReadGradient(int octet, nint pixel, int pixels, float* target) => PixelKernels<TSimd, TVector>.ReluBackward(
        Values.At(octet, pixel),
        Gradient!.At(octet, pixel),
        target,
        PixelKernels<TSimd, TVector>.Floats(pixels),
        Normalisation.Scale(octet),
        Normalisation.Shift(octet),
        Normalisation.A(octet),
        Normalisation.B(octet),
        Normalisation.C(octet));

    protected override void AddStatistics(float* source, int pixels, double* sums) => PixelKernels<TSimd, TVector>.AddMoments(source, pixels, sums);

    protected override void AddGradientSums(int octet, nint pixel, int pixels, float* gradient, double* sums) =>
        PixelKernels<TSimd, TVector>.AddGradientSums(
            gradient, Values.At(octet, pixel), pixels, Normalisation.Mean(octet), Normalisation.Scale(octet), Normalisation.Shift(octet), sums);
}
