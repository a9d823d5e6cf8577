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
    private readonly UNetEncoder encoder;
    private readonly UNetDecoder decoder;
    private readonly AttentionGate[] gates = new AttentionGate[UNetEncoder.Widths.Length - 1];

    public AttentionUNetModule(int channels, int outputs)
        : base("AttentionUNet")
    {
        encoder = new UNetEncoder(this, channels);
        decoder = new UNetDecoder(this, outputs, level =>
        {
            int width = UNetEncoder.Widths[level];
            gates[level] = this.Register($"Att{level + 2}", new AttentionGate(width, width / 2));
        });
    }

    public override Tensor forward(Tensor input) =>
        decoder.Compute(encoder.Compute(input), (level, feature, up) => gates[level].call(up, feature));

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
