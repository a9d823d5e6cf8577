using CMUNeXt.Tensors;

namespace CMUNeXt.Weights;

/// <summary>What programs around PyTorch leave in the names of a state dict, and what does not belong to the network.</summary>
internal static class SavedNames
{
    // DataParallel, torch.compile, and the member that many training scripts keep the network in.
    private static readonly string[] Wrappers = ["module.", "_orig_mod.", "model."];

    // What thop counts while it profiles; it stays in what is saved afterwards.
    private static readonly string[] Counters = ["total_ops", "total_params"];

    /// <summary>
    /// The state dict with the network's own names: without a wrapper's prefix that all of them have, and without counters.
    /// </summary>
    public static StateDict Restore(StateDict state)
    {
        List<WeightTensor> tensors =
        [
            .. state.Where(static tensor => !Counters.Contains(tensor.Name[(tensor.Name.LastIndexOf('.') + 1)..])),
        ];
        int prefix = 0;
        while (tensors.Count > 0
            && Wrappers.FirstOrDefault(
                wrapper => tensors.All(t => t.Name.Length > prefix + wrapper.Length
                    && t.Name.AsSpan(prefix).StartsWith(wrapper, StringComparison.Ordinal))) is { } found)
        {
            prefix += found.Length;
        }

        return prefix == 0 && tensors.Count == state.Count
            ? state
            : new StateDict(tensors.Select(tensor => new WeightTensor(tensor.Name[prefix..], tensor.Type, tensor.Shape, tensor.Data)));
    }
}
