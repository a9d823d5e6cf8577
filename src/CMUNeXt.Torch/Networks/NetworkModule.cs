using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// A module whose children are what it registers, under the names of the state dict, and nothing else: TorchSharp would register each of
/// its fields a second time, under the field's name.
/// </summary>
internal abstract class NetworkModule<TInput, TOutput>(string name) : Module<TInput, TOutput>(name)
{
    /// <summary>
    /// Gives the module a tensor of its own. It is another object once the module has moved to another device: ask
    /// <see cref="Module.get_parameter"/> for it.
    /// </summary>
    protected void RegisterParameter(string name, Tensor value, bool trained = true) => register_parameter(name, Parameter(value, trained));

    /// <summary>Gives the module children that come one after another: NAME.0, NAME.1, ...</summary>
    protected T[] RegisterList<T>(string name, IEnumerable<T> children)
        where T : Module
    {
        T[] list = [.. children];
        this.Register(name, ModuleList(list));
        return list;
    }

    /// <summary>Gives the module a child that the state dict holds while nothing computes with it: it is never trained.</summary>
    protected void RegisterUnused(string name, Module child)
    {
        foreach (Parameter parameter in this.Register(name, child).parameters())
        {
            parameter.requires_grad = false;
        }
    }

    protected sealed override void RegisterComponents()
    {
    }
}

/// <summary>A <see cref="NetworkModule{TInput, TOutput}"/> of one tensor in and one out.</summary>
internal abstract class NetworkModule(string name) : NetworkModule<Tensor, Tensor>(name);
