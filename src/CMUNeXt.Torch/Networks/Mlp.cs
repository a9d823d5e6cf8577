using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>The two layers of a transformer block that work on each token alone: linear, GELU, dropout, linear, dropout.</summary>
internal sealed class Mlp : NetworkModule
{
    private readonly double dropout;

    public Mlp(int features, int hidden, double dropout = 0)
        : base(nameof(Mlp))
    {
        this.dropout = dropout;
        First = this.Register("fc1", Linear(features, hidden));
        Second = this.Register("fc2", Linear(hidden, features));
    }

    public Linear First { get; }

    public Linear Second { get; }

    /// <summary>... x features in and out.</summary>
    public override Tensor forward(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = functional.dropout(functional.gelu(First.call(x)), dropout, training);
        return functional.dropout(Second.call(hidden), dropout, training).MoveToOuterDisposeScope();
    }
}
