namespace CMUNeXt.Weights;

/// <summary>What a weight file holds.</summary>
/// <param name="Path">The file.</param>
/// <param name="State">The tensors, in the file's order.</param>
/// <param name="Metadata">What the file says of itself; null where it says nothing, as a <c>.pth</c> never does.</param>
/// <param name="Sha256">The SHA-256 of the whole file, 64 lower-case hexadecimal digits.</param>
public sealed record LoadedWeights(string Path, StateDict State, WeightsMetadata? Metadata, string Sha256)
{
    /// <summary>
    /// The other text entries of a safetensors file's <c>__metadata__</c>, as they stand; empty for a <c>.pth</c>. They are the
    /// business of whoever wrote them, and unchecked.
    /// </summary>
    public IReadOnlyDictionary<string, string> Entries { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;
}
