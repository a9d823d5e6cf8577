using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Torch.Native;
using CMUNeXt.Torch.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CMUNeXt.Torch;

/// <summary>
/// What a network costs, found by computing it once, at the smallest size that it takes: the work of each layer grows with the pixels.
/// </summary>
internal static class LayerTrace
{
    /// <summary>Computes a network for one image.</summary>
    /// <param name="description">Which network.</param>
    /// <param name="height">Height in pixels, one that the network takes.</param>
    /// <param name="width">Width in pixels, one that the network takes.</param>
    /// <exception cref="ArgumentException">There is no such network, or it does not take the size.</exception>
    /// <exception cref="PlatformNotSupportedException">The native library does not load on this system.</exception>
    public static (long Parameters, IReadOnlyList<LayerCost> Layers) Of(NetworkDescription description, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(description);
        InputSize size = NetworkCatalog.SizeOf(description.Name);
        if (size.FindFault(width, height) is { } fault)
        {
            throw new ArgumentException($"{description.Name}: {fault}.");
        }

        TorchDevice.Load();
        int side = size.IsFixed ? size.Default : size.Multiple;
        long copies = (long)(height / side) * (width / side);
        using IDisposable noGradients = no_grad();
        using IDisposable scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> module = TorchModules.Create(description);
        module.eval();
        List<LayerCost> layers = [];
        foreach ((string name, nn.Module child) in module.named_modules())
        {
            if (child is nn.Module<Tensor, Tensor> layer and (Convolution or StandardizedConvolution or Linear or NormBase or GroupNorm
                or LayerNorm or Upsample))
            {
                layer.register_forward_hook((_, input, output) =>
                {
                    LayerCost traced = Measure(name, layer, input, output);
                    layers.Add(traced with { Macs = copies * traced.Macs, CountedMacs = copies * traced.CountedMacs });
                    return output;
                });
            }
        }

        module.call(zeros([1, description.Channels, side, side]));
        return (module.parameters().Sum(parameter => parameter.numel()), layers);
    }

    private static LayerCost Measure(string name, nn.Module<Tensor, Tensor> layer, Tensor input, Tensor output)
    {
        LayerCost traced = new(
            name, layer.GetType().Name, input.shape[1], output.shape[1], 1, 1, layer.parameters().Sum(parameter => parameter.numel()), 0,
            0);
        long values = output.numel();
        switch (layer)
        {
            case Convolution convolution:
                // Each value of the larger side takes part in a kernel for each channel of its group.
                long each = convolution.weight.numel() / (convolution.transposed ? convolution.in_channels : convolution.out_channels);
                long macs = (convolution.transposed ? input.numel() : values) * each;
                return traced with { Kernel = convolution.kernel_size[0], Groups = convolution.groups, Macs = macs, CountedMacs = macs };
            case StandardizedConvolution { Weight: { } weight }:
                long standardized = values * weight.numel() / weight.shape[0];
                return traced with { Kernel = weight.shape[2], Macs = standardized, CountedMacs = standardized };
            case Linear linear:
                return traced with
                {
                    Input = linear.in_features,
                    Output = linear.out_features,
                    Macs = values * linear.in_features,
                    CountedMacs = values * linear.in_features,
                };
            case LayerNorm norm:
                return traced with { Input = norm.normalized_shape[^1], Output = norm.normalized_shape[^1], CountedMacs = 4 * values };
            case Upsample upsample:
                return traced with { CountedMacs = (upsample.mode == UpsampleMode.Nearest ? 1 : 11) * values };
            default:
                return traced with { CountedMacs = 4 * values };
        }
    }
}
