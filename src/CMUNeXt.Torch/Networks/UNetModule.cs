using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

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
    private static readonly int[] Widths = [64, 128, 256, 512, 1024];

    private readonly DoubleConvolution[] encoders;
    private readonly UpConvolution[] ups = new UpConvolution[Widths.Length - 1];
    private readonly DoubleConvolution[] decoders = new DoubleConvolution[Widths.Length - 1];
    private readonly Conv2d head;
    private readonly MaxPool2d pool = nn.MaxPool2d(2, 2);

    public UNetModule(int channels, int outputs)
        : base("UNet")
    {
        encoders =
        [
            .. Widths.Select((width, i) => this.Register($"Conv{i + 1}", new DoubleConvolution(i == 0 ? channels : Widths[i - 1], width))),
        ];
        for (int i = ups.Length - 1; i >= 0; i--)
        {
            ups[i] = this.Register($"Up{i + 2}", new UpConvolution(Widths[i + 1], Widths[i]));
            decoders[i] = this.Register($"Up_conv{i + 2}", new DoubleConvolution(2 * Widths[i], Widths[i]));
        }

        head = this.Register("Conv_1x1", Conv2d(Widths[0], outputs, 1));
    }

    public override Tensor forward(Tensor input)
    {
        Tensor[] features = new Tensor[encoders.Length];
        Tensor x = input;
        for (int i = 0; i < encoders.Length; i++)
        {
            x = features[i] = encoders[i].call(i == 0 ? x : pool.call(x));
        }

        for (int i = ups.Length - 1; i >= 0; i--)
        {
            x = decoders[i].call(cat([features[i], ups[i].call(x)], 1));
        }

        return head.call(x);
    }
}
