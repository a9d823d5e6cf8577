using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Torch.Networks;
using static TorchSharp.torch;

namespace CMUNeXt.Torch.Tests.Networks;

/// <summary>Every network against the original code: its tensors, what it computes, and what it costs.</summary>
public class GoldenNetworkTests
{
    public static TheoryData<string> Names =>
    [
        "cmunext_s", "cmunext", "cmunext_l", "cmunext_s_gray_4class",
        "unet", "attention_unet", "unetpp", "unet3plus", "unext", "unext_s", "cmunet",
        "transunet", "swinunet", "medt",
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void Tensors_and_logits_are_the_originals(string name)
    {
        NetworkDescription description = Golden.Describe(name);
        StateDict weights;
        using (nn.Module module = TorchModules.Create(description))
        {
            Assert.Equal(Golden.Tensors(name), TorchModules.Tensors(module).Select(tensor =>
                (tensor.Name, string.Join('x', tensor.Value.shape), tensor.Value.dtype.ToString().ToLowerInvariant())));
            weights = Golden.Fill(
                name, TorchModules.Copy(TorchModules.Tensors(module).Where(tensor => IsBuilt(tensor.Name, tensor.Value))));
        }

        Assert.Equal(description, NetworkCatalog.Recognize(weights));
        using TorchNetwork network = new(description, weights);
        Golden.AssertComputes(name, network);
    }

    // What the formula does not fill.
    private static bool IsBuilt(string name, Tensor tensor) => name.EndsWith("attn_mask", StringComparison.Ordinal)
        || (tensor.dtype == ScalarType.Int64 && !name.EndsWith("num_batches_tracked", StringComparison.Ordinal));
}
