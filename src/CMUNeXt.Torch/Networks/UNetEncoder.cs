using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// The encoder of <see cref="UNetModule">U-Net</see> and of what is made of it. Its tensors have names of the network's own: it is no
/// module.
/// </summary>
internal sealed class UNetEncoder
{
    /// <summary>The channels of each level, the input's size first.</summary>
    public static readonly int[] Widths = [64, 128, 256, 512, 1024];

    private readonly DoubleConvolution[] levels;
    private readonly MaxPool2d pool = nn.MaxPool2d(2, 2);

    /// <summary>Registers its tensors.</summary>
    /// <param name="network">Whose they are.</param>
    /// <param name="channels">The channels of the input.</param>
    public UNetEncoder(Module network, int channels) =>
        levels =
        [
            .. Widths.Select((width, i) => network.Register(
                $"Conv{i + 1}", new DoubleConvolution(i == 0 ? channels : Widths[i - 1], width))),
        ];

    /// <summary>N x channels x H x W in, a feature of each level out, each half as high and wide as the one before.</summary>
    public Tensor[] Compute(Tensor input)
    {
        Tensor[] features = new Tensor[levels.Length];
        Tensor x = input;
        for (int i = 0; i < levels.Length; i++)
        {
            x = features[i] = levels[i].call(i == 0 ? x : pool.call(x));
        }

        return features;
    }
}
