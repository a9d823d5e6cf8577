using static TorchSharp.torch;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// U-Net (Ronneberger, Fischer, Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015) as the authors of
/// CMUNeXt compare with it (github.com/FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT): written anew after that, with its names
/// and order of tensors. Unlike the paper's: padded convolutions, batch normalization, and upsampling to the nearest pixel followed by
/// a 3x3 convolution.
/// N x channels x H x W in, N x outputs x H x W logits out; H and W are multiples of 16.
/// </summary>
internal sealed class UNetModule : NetworkModule
{
    private readonly UNetEncoder encoder;
    private readonly UNetDecoder decoder;

    public UNetModule(int channels, int outputs)
        : base("UNet")
    {
        encoder = new UNetEncoder(this, channels);
        decoder = new UNetDecoder(this, outputs);
    }

    public override Tensor forward(Tensor input) => decoder.Compute(encoder.Compute(input));
}
