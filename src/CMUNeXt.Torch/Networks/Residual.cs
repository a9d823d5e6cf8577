using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>f(x) + x.</summary>
internal sealed class Residual : NetworkModule
{
    private readonly Module<Tensor, Tensor> fn;

    public Residual(Module<Tensor, Tensor> function)
        : base(nameof(Residual)) => fn = this.Register("fn", function);

    public override Tensor forward(Tensor x) => fn.call(x).add(x);
}
