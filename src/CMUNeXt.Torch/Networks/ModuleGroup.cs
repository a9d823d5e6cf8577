using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// Children that only share a prefix of their names. (TorchSharp's ModuleDict, which is for that, cannot be moved to another device.)
/// </summary>
internal sealed class ModuleGroup : Module
{
    public ModuleGroup(params (string Name, Module Child)[] children)
        : base(nameof(ModuleGroup))
    {
        foreach ((string name, Module child) in children)
        {
            register_module(name, child);
        }
    }

    protected override void RegisterComponents()
    {
    }
}
