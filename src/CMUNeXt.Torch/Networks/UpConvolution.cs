using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// Upsampling by 2, 3x3 convolution, normalization, ReLU: N x input x H x W in, N x output x 2 H x 2 W out. U-Net and what is made of it
/// repeat the nearest pixel; CMUNeXt interpolates.
/// </summary>
internal sealed class UpConvolution : NetworkModule
{
    private readonly LayerSequence up;

    public UpConvolution(int input, int output, UpsampleMode mode = UpsampleMode.Nearest, bool? alignCorners = null)
        : base(nameof(UpConvolution)) =>
        up = this.Register("up", new LayerSequence(
            Upsample(scale_factor: [2, 2], mode: mode, align_corners: alignCorners),
            Conv2d(input, output, 3, padding: 1),
            BatchNorm2d(output),
            ReLU(inplace: true)));

    public override Tensor forward(Tensor x) => up.call(x);
}
