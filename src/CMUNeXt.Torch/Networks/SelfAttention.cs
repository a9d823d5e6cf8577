using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace CMUNeXt.Torch.Networks;

/// <summary>Multi-head self-attention (Vaswani et al., "Attention Is All You Need", NeurIPS 2017), without its projections.</summary>
internal static class SelfAttention
{
    /// <summary>Computes softmax(q k^T / sqrt(d) + bias) v in each head.</summary>
    /// <param name="projected">... x tokens x 3C: queries, keys and values, each of them the heads one after another.</param>
    /// <param name="heads">The number of heads; each has d = C / heads channels.</param>
    /// <param name="bias">Added to the logits of the softmax, ... x heads x tokens x tokens; may be null.</param>
    /// <returns>... x tokens x C.</returns>
    public static Tensor Attend(Tensor projected, int heads, Tensor? bias = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] parts = [.. projected.chunk(3, -1).Select(part => part.unflatten(part.dim() - 1, heads, -1).transpose(-3, -2))];
        return functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], bias).transpose(-3, -2).flatten(-2)
            .MoveToOuterDisposeScope();
    }
}
