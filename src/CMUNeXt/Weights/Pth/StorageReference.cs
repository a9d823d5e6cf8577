using CMUNeXt.Tensors;

namespace CMUNeXt.Weights.Pth;

/// <summary>A storage that a pickle names: an array of elements that tensors are views of.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Count">The number of its elements, at least 0, as the pickle states it.</param>
internal sealed record StorageReference(string Key, ElementType Type, long Count)
{
    /// <summary>Its size in bytes, or more than any file has.</summary>
    public long Bytes => Count > Array.MaxLength ? long.MaxValue : Count * Type.Size();
}
