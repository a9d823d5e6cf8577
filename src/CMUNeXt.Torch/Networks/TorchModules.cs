using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>Makes the modules of networks by name, and moves state dicts in and out of them.</summary>
internal static class TorchModules
{
    // By the name of the command line; channels and outputs.
    private static readonly Dictionary<string, Func<int, int, Module<Tensor, Tensor>>> Networks = new(StringComparer.Ordinal)
    {
        ["unet"] = static (channels, outputs) => new UNetModule(channels, outputs),
        ["attention-unet"] = static (channels, outputs) => new AttentionUNetModule(channels, outputs),
        ["unetpp"] = static (channels, outputs) => new UNetPlusPlusModule(channels, outputs),
        ["unet3plus"] = static (channels, outputs) => new UNet3PlusModule(channels, outputs),
        ["unext"] = static (channels, outputs) => new UNeXtModule([16, 32, 128, 160, 256], channels, outputs),
        ["unext-s"] = static (channels, outputs) => new UNeXtModule([8, 16, 32, 64, 128], channels, outputs),
        ["cmunet"] = static (channels, outputs) => new CMUNetModule(channels, outputs),
        ["transunet"] = static (channels, outputs) => new TransUNetModule(channels, outputs),
        ["swinunet"] = static (channels, outputs) => new SwinUnetModule(channels, outputs),
        ["medt"] = static (channels, outputs) => new MedTModule(channels, outputs),
        ["mobileuvit"] = MobileUViTModule.Base,
        ["mobileuvit-l"] = MobileUViTModule.Large,
    };

    /// <summary>Makes the module of a network, its tensors as they were initialized.</summary>
    /// <exception cref="ArgumentException">There is no such network.</exception>
    public static Module<Tensor, Tensor> Create(NetworkDescription description) =>
        description.Configuration is { } configuration ? new CMUNeXtModule(configuration, description.Channels, description.Outputs)
        : Networks.TryGetValue(description.Name, out Func<int, int, Module<Tensor, Tensor>>? create)
            ? create(description.Channels, description.Outputs)
        : throw new ArgumentException($"There is no network '{description.Name}' in the torch backend.");

    /// <summary>
    /// Gives a module a child of a name: the prefix of the child's tensors in the state dict, which are in the order of this.
    /// </summary>
    public static T Register<T>(this Module parent, string name, T child)
        where T : Module
    {
        parent.register_module(name, child);
        return child;
    }

    /// <summary>
    /// The tensors of a module in the order of PyTorch's state dict: of each module its parameters, its buffers, its children.
    /// </summary>
    public static List<(string Name, Tensor Value)> Tensors(Module module)
    {
        List<(string, Tensor)> tensors = [];
        Collect(module, "", tensors);
        return tensors;
    }

    /// <summary>A copy of all tensors.</summary>
    public static StateDict Copy(IEnumerable<(string Name, Tensor Value)> tensors) => new(tensors.Select(tensor =>
    {
        using IDisposable noGradients = no_grad();
        using IDisposable scope = NewDisposeScope();
        Tensor contiguous = tensor.Value.detach().cpu().contiguous();
        int[] shape = [.. contiguous.shape.Select(size => (int)size)];
        return new WeightTensor(tensor.Name, TypeOf(contiguous.dtype), shape, contiguous.bytes.ToArray());
    }));

    /// <summary>Gives tensors the values of a state dict.</summary>
    /// <exception cref="ArgumentException">
    /// A tensor is missing, has another shape, or is another index table; one sentence about the first.
    /// </exception>
    public static void Load(IReadOnlyList<(string Name, Tensor Value)> tensors, StateDict state)
    {
        IEnumerable<ExpectedTensor> needed = tensors.Select(tensor =>
            new ExpectedTensor(tensor.Name, [.. tensor.Value.shape.Select(size => (int)size)], TypeOf(tensor.Value.dtype)));
        if (NetworkCatalog.FindMismatch(needed, state) is { } mismatch)
        {
            throw new ArgumentException($"The weights do not fit the network: {mismatch}.");
        }

        using IDisposable noGradients = no_grad();
        using IDisposable scope = NewDisposeScope();
        foreach ((string name, Tensor value) in tensors)
        {
            WeightTensor source = state[name];
            Tensor loaded = value.dtype == ScalarType.Int64
                ? tensor([.. source.ToSingles().Select(v => (long)v)], ScalarType.Int64)
                : tensor(source.ToSingles(), ScalarType.Float32);
            loaded = loaded.reshape(value.shape).to(value.device);

            // A network is built with its index tables; another one could point anywhere.
            if (value.dtype == ScalarType.Int64 && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal)
                && value.ne(loaded).any().item<bool>())
            {
                throw new ArgumentException($"The weights do not fit the network: the tensor {name} is another index table.");
            }

            value.copy_(loaded);
        }
    }

    /// <summary>
    /// Puts the four-dimensional weights of a module into the layout with the channels last, which libtorch's convolutions on a CPU
    /// are faster with; each of them brings its input into the same layout. TorchSharp has no argument for memory formats; this
    /// permutation gives the same strides.
    /// </summary>
    public static void UseChannelsLast(Module module)
    {
        using IDisposable noGradients = no_grad();
        using IDisposable scope = NewDisposeScope();
        foreach (Tensor parameter in module.parameters().Where(p => p.dim() == 4))
        {
            parameter.set_(parameter.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
        }
    }

    private static void Collect(Module module, string prefix, List<(string, Tensor)> tensors)
    {
        tensors.AddRange(module.named_parameters(recurse: false).Select(p => (prefix + p.name, (Tensor)p.parameter)));
        tensors.AddRange(module.named_buffers(recurse: false).Select(b => (prefix + b.name, b.buffer)));
        foreach ((string name, Module child) in module.named_children())
        {
            Collect(child, $"{prefix}{name}.", tensors);
        }
    }

    private static ElementType TypeOf(ScalarType type) => type switch
    {
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.Int64 => ElementType.Int64,
        _ => throw new NotSupportedException($"Tensors of type {type} are not kept."),
    };
}
