using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>A module that gives its tensors the names of an original's state dict, in the order in which they are added.</summary>
internal abstract class NamedModule<TInput, TOutput>(string name) : Module<TInput, TOutput>(name)
{
    /// <summary>Adds a part whose tensors' names begin with a name and a dot.</summary>
    protected T Add<T>(string name, T part)
        where T : Module
    {
        register_module(name, part);
        return part;
    }

    /// <summary>Adds a part that the state dict holds while nothing computes with it: it is never trained.</summary>
    protected void AddUnused(string name, Module part)
    {
        foreach (Parameter parameter in Add(name, part).parameters())
        {
            parameter.requires_grad = false;
        }
    }

    /// <summary>Adds a trained tensor. It is another object once the module has moved to another device: ask <see cref="Module.get_parameter"/> for it.</summary>
    protected void AddParameter(string name, Tensor value, bool trained = true) => register_parameter(name, Parameter(value, trained));

    /// <summary>Adds parts that come one after another: NAME.0, NAME.1, ...</summary>
    protected T[] AddList<T>(string name, IEnumerable<T> parts)
        where T : Module
    {
        T[] list = [.. parts];
        Add(name, ModuleList(list));
        return list;
    }

    // TorchSharp would look into the fields, and add a part a second time where its field has another name than it.
    protected override void RegisterComponents()
    {
    }
}

/// <summary>A <see cref="NamedModule{TInput, TOutput}"/> of one tensor in and one out.</summary>
internal abstract class NamedModule(string name) : NamedModule<Tensor, Tensor>(name);
