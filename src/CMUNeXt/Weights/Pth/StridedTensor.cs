using CMUNeXt.Files;
using CMUNeXt.Tensors;

namespace CMUNeXt.Weights.Pth;

/// <summary>Makes contiguous tensors of views of storages, after checking that the views stay inside.</summary>
/// <param name="path">The file, for the messages.</param>
/// <param name="fileLength">The file's length, which bounds how much the tensors may take.</param>
internal sealed class StridedTensor(string path, int fileLength)
{
    private readonly long[] sizeBuffer = new long[TensorShape.MaximumRank];
    private readonly long[] strideBuffer = new long[TensorShape.MaximumRank];
    private long total;

    /// <summary>Makes a tensor; where it is contiguous already it is a slice of its storage.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="view">The view.</param>
    /// <param name="storage">The content of the view's storage, whose length fits the type and count of it.</param>
    /// <exception cref="BadFileException">
    /// The view goes outside its storage, has a shape that is too large, or makes the tensors of the file take more than
    /// <see cref="PthFile.MaximumExpansion"/> times its length.
    /// </exception>
    public WeightTensor Make(string name, TensorReference view, ReadOnlyMemory<byte> storage)
    {
        string shown = PrintableName.Of(name);
        ElementType type = view.Storage.Type;
        if (view.Sizes.Length != view.Strides.Length || !TryNumbers(view.Sizes, sizeBuffer) || !TryNumbers(view.Strides, strideBuffer))
        {
            throw new BadFileException(
                path, $"{shown}: its sizes and strides are not {TensorShape.MaximumRank} whole numbers at most, one stride for each size");
        }

        ReadOnlySpan<long> sizes = sizeBuffer.AsSpan(0, view.Sizes.Length);
        ReadOnlySpan<long> strides = strideBuffer.AsSpan(0, view.Strides.Length);
        if (!TensorShape.TryMeasure(sizes, type, out int bytes))
        {
            throw new BadFileException(path, $"{shown}: the shape {TensorShape.Describe(sizes)} is too large");
        }

        total += bytes;
        if (total > (long)PthFile.MaximumExpansion * fileLength)
        {
            throw new BadFileException(
                path, $"{shown}: its tensors would take more than {PthFile.MaximumExpansion} times the file, "
                    + "by views that repeat the same numbers");
        }

        int[] shape = TensorShape.ToDimensions(sizes);
        if (bytes == 0)
        {
            return new WeightTensor(name, type, shape, default);
        }

        if (!IsInside(view, shape, strides))
        {
            throw new BadFileException(path, $"{shown}: its view goes outside its storage of {view.Storage.Count} elements");
        }

        int size = type.Size();
        int start = (int)view.Offset * size;
        return new WeightTensor(
            name, type, shape,
            IsContiguous(shape, strides) ? storage.Slice(start, bytes) : Gather(storage.Span[start..], shape, strides, size, bytes));
    }

    private static bool TryNumbers(object?[] values, long[] numbers)
    {
        if (values.Length > numbers.Length)
        {
            return false;
        }

        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] is not (long and >= 0))
            {
                return false;
            }

            numbers[i] = (long)values[i]!;
        }

        return true;
    }

    private static bool IsInside(TensorReference view, int[] shape, ReadOnlySpan<long> strides)
    {
        long count = view.Storage.Count;
        if (view.Offset < 0 || view.Offset >= count)
        {
            return false;
        }

        long last = view.Offset;
        for (int i = 0; i < shape.Length; i++)
        {
            if (shape[i] > 1)
            {
                // Count and sizes are below 2^31, so that a stride below the count cannot overflow the sum.
                if (strides[i] >= count || (last += (shape[i] - 1) * strides[i]) >= count)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool IsContiguous(int[] shape, ReadOnlySpan<long> strides)
    {
        long expected = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            if (shape[i] != 1 && strides[i] != expected)
            {
                return false;
            }

            expected *= shape[i];
        }

        return true;
    }

    private static byte[] Gather(ReadOnlySpan<byte> storage, int[] shape, ReadOnlySpan<long> strides, int size, int bytes)
    {
        byte[] data = new byte[bytes];
        Span<int> index = stackalloc int[shape.Length];
        index.Clear();
        long from = 0;
        for (int to = 0; to < bytes; to += size)
        {
            storage.Slice((int)from * size, size).CopyTo(data.AsSpan(to));
            for (int i = shape.Length - 1; i >= 0; i--)
            {
                from += strides[i];
                if (++index[i] < shape[i])
                {
                    break;
                }

                from -= shape[i] * strides[i];
                index[i] = 0;
            }
        }

        return data;
    }
}
