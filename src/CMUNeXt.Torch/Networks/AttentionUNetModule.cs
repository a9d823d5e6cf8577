using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// Attention U-Net (Oktay et al., "Attention U-Net: Learning Where to Look for the Pancreas", MIDL 2018) as the authors of CMUNeXt
/// compare with it (github.com/FengheTan9/Medical-Image-Segmentation-Benchmarks, MIT): written anew after that, with its names and order
/// of tensors. It is their <see cref="UNetModule">U-Net</see> with a gate in each skip. Unlike the paper's, a gate takes the decoder's
/// feature after its upsampling, so that both of its inputs are of one size, and normalizes each of its convolutions.
/// N x channels x H x W in, N x outputs x H x W logits out; H and W are multiples of 16.
/// </summary>
internal sealed class AttentionUNetModule : NetworkModule
{
    private static readonly int[] Widths = [64, 128, 256, 512, 1024];

    private readonly DoubleConvolution[] encoders;
    private readonly UpConvolution[] ups = new UpConvolution[Widths.Length - 1];
    private readonly AttentionGate[] gates = new AttentionGate[Widths.Length - 1];
    private readonly DoubleConvolution[] decoders = new DoubleConvolution[Widths.Length - 1];
    private readonly Conv2d head;
    private readonly MaxPool2d pool = nn.MaxPool2d(2, 2);

    public AttentionUNetModule(int channels, int outputs)
        : base("AttentionUNet")
    {
        encoders =
        [
            .. Widths.Select((width, i) => this.Register($"Conv{i + 1}", new DoubleConvolution(i == 0 ? channels : Widths[i - 1], width))),
        ];
        for (int i = ups.Length - 1; i >= 0; i--)
        {
            ups[i] = this.Register($"Up{i + 2}", new UpConvolution(Widths[i + 1], Widths[i]));
            gates[i] = this.Register($"Att{i + 2}", new AttentionGate(Widths[i], Widths[i] / 2));
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
            x = ups[i].call(x);
            x = decoders[i].call(cat([gates[i].call(x, features[i]), x], 1));
        }

        return head.call(x);
    }

    /// <summary>
    /// skip x sigmoid(psi(ReLU(W_g gate + W_x skip))), all convolutions 1x1 and normalized: N x width x H x W twice in, the same out, with
    /// one weight a pixel.
    /// </summary>
    private sealed class AttentionGate : Module<Tensor, Tensor, Tensor>
    {
        // Fields of a module's type would be registered a second time under their own names.
        private readonly (LayerSequence Gate, LayerSequence Skip, LayerSequence Weight) layers;

        public AttentionGate(int width, int inner)
            : base(nameof(AttentionGate))
        {
            layers = (
                this.Register("W_g", new LayerSequence(Conv2d(width, inner, 1), BatchNorm2d(inner))),
                this.Register("W_x", new LayerSequence(Conv2d(width, inner, 1), BatchNorm2d(inner))),
                this.Register("psi", new LayerSequence(Conv2d(inner, 1, 1), BatchNorm2d(1), Sigmoid())));
        }

        public override Tensor forward(Tensor gate, Tensor skip) =>
            skip * layers.Weight.call(layers.Gate.call(gate).add_(layers.Skip.call(skip)).relu_());
    }
}
