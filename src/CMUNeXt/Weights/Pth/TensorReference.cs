namespace CMUNeXt.Weights.Pth;

/// <summary>
/// A tensor that a pickle rebuilds, its numbers not yet checked: <see cref="StridedTensor"/> does that for the tensors that are
/// wanted. Sizes and strides stay the pickle's own tuples, since thousands of tensors may share one.
/// </summary>
/// <param name="Storage">What it is a view of.</param>
/// <param name="Offset">Its first element in the storage.</param>
/// <param name="Sizes">Its dimensions.</param>
/// <param name="Strides">The distance of neighbors along each dimension, in elements.</param>
internal sealed record TensorReference(StorageReference Storage, long Offset, object?[] Sizes, object?[] Strides);
