using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>Twice a 3x3 convolution, normalization and ReLU: N x input x H x W in, N x output x H x W out.</summary>
internal sealed class DoubleConvolution : NetworkModule
{
    private readonly LayerSequence conv;

    public DoubleConvolution(int input, int output)
        : base(nameof(DoubleConvolution)) =>
        conv = this.Register("conv", new LayerSequence(
            Conv2d(input, output, 3, padding: 1),
            BatchNorm2d(output),
            ReLU(inplace: true),
            Conv2d(output, output, 3, padding: 1),
            BatchNorm2d(output),
            ReLU(inplace: true)));

    public override Tensor forward(Tensor x) => conv.call(x);
}
