using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// The decoder of <see cref="UNetModule">U-Net</see> and of what is made of it, whose skips may have gates. Its tensors have names of the
/// network's own: it is no module.
/// </summary>
internal sealed class UNetDecoder
{
    private readonly (UpConvolution Up, DoubleConvolution Convolution)[] levels =
        new (UpConvolution, DoubleConvolution)[UNetEncoder.Widths.Length - 1];

    private readonly Conv2d head;

    /// <summary>Registers its tensors, the lowest level's first.</summary>
    /// <param name="network">Whose they are.</param>
    /// <param name="outputs">The channels of the logits.</param>
    /// <param name="registerGate">Registers the gate of a level, where its tensors stand among the level's own.</param>
    public UNetDecoder(Module network, int outputs, Action<int>? registerGate = null)
    {
        int[] widths = UNetEncoder.Widths;
        for (int i = levels.Length - 1; i >= 0; i--)
        {
            UpConvolution up = network.Register($"Up{i + 2}", new UpConvolution(widths[i + 1], widths[i]));
            registerGate?.Invoke(i);
            levels[i] = (up, network.Register($"Up_conv{i + 2}", new DoubleConvolution(2 * widths[i], widths[i])));
        }

        head = network.Register("Conv_1x1", Conv2d(widths[0], outputs, 1));
    }

    /// <summary>Logits of the input's size.</summary>
    /// <param name="features">Those of <see cref="UNetEncoder.Compute"/>.</param>
    /// <param name="gate">
    /// What a skip lets pass, of the level, its feature and the decoder's of that level; all of the feature where it is null.
    /// </param>
    public Tensor Compute(Tensor[] features, Func<int, Tensor, Tensor, Tensor>? gate = null)
    {
        Tensor x = features[^1];
        for (int i = levels.Length - 1; i >= 0; i--)
        {
            Tensor up = levels[i].Up.call(x);
            Tensor skip = gate is null ? features[i] : gate(i, features[i], up);
            x = levels[i].Convolution.call(cat([skip, up], 1));
        }

        return head.call(x);
    }
}
