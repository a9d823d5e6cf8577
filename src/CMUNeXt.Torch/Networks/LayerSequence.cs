using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// Layers one after the other, numbered from 0 in the state dict. A convolution and the normalization right behind it are
/// <see cref="NormalizedConvolution">computed as one</see>.
/// </summary>
internal sealed class LayerSequence : NetworkModule
{
    private readonly Module<Tensor, Tensor>[] layers;

    public LayerSequence(params IEnumerable<Module<Tensor, Tensor>> layers)
        : base(nameof(LayerSequence)) => this.layers = [.. layers.Select((layer, i) => this.Register($"{i}", layer))];

    public override Tensor forward(Tensor x)
    {
        // What a layer gives is let go of as soon as the next has it, but for what its gradient needs.
        using DisposeScope scope = NewDisposeScope();
        for (int i = 0; i < layers.Length; i++)
        {
            if (layers[i] is Conv2d convolution && i + 1 < layers.Length && layers[i + 1] is BatchNorm2d normalization)
            {
                x = NormalizedConvolution.Compute(x, convolution, normalization);
                i++;
            }
            else
            {
                x = layers[i].call(x);
            }
        }

        return x.MoveToOuterDisposeScope();
    }
}
