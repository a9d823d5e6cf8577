using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>
/// A module whose children are what it registers, under the names of the state dict, and nothing else: TorchSharp would register each of
/// its fields a second time, under the field's name.
/// </summary>
internal abstract class NetworkModule(string name) : Module<Tensor, Tensor>(name)
{
    protected sealed override void RegisterComponents()
    {
    }
}
