using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>Twice a 3x3 convolution, normalisation and ReLU: N x input x H x W in, N x output x H x W out.</summary>
internal sealed class DoubleConvolution : NetworkModule
{
    private readonly Sequential conv;

    public DoubleConvolution(int input, int output)
        : base(nameof(DoubleConvolution)) =>
        conv = this.Register("conv", Sequential(
            Conv2d(input, output, 3, padding: 1), BatchNorm2d(output), ReLU(), Conv2d(output, output, 3, padding: 1), BatchNorm2d(output), ReLU()));

    public override Tensor forward(Tensor x)
    {
        x = NormalisedConvolution.Compute(x, (Conv2d)conv[0], (BatchNorm2d)conv[1]).relu_();
        return NormalisedConvolution.Compute(x, (Conv2d)conv[3], (BatchNorm2d)conv[4]).relu_();
    }
}

/// <summary>
/// Upsampling by 2, 3x3 convolution, normalisation, ReLU: N x input x H x W in, N x output x 2 H x 2 W out. U-Net and what is made of it
/// repeat the nearest pixel; CMUNeXt interpolates.
/// </summary>
internal sealed class UpConvolution : NetworkModule
{
    private readonly Upsample upsample;
    private readonly Sequential up;

    public UpConvolution(int input, int output, UpsampleMode mode = UpsampleMode.Nearest, bool? alignCorners = null)
        : base(nameof(UpConvolution))
    {
        upsample = Upsample(scale_factor: [2, 2], mode: mode, align_corners: alignCorners);
        up = this.Register("up", Sequential(upsample, Conv2d(input, output, 3, padding: 1), BatchNorm2d(output), ReLU()));
    }

    public override Tensor forward(Tensor x) => NormalisedConvolution.Compute(upsample.call(x), (Conv2d)up[1], (BatchNorm2d)up[2]).relu_();
}
