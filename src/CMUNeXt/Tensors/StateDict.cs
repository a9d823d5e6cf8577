using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace CMUNeXt.Tensors;

/// <summary>The tensors of a network, in the order in which the original code keeps them, each name once.</summary>
public sealed class StateDict : IReadOnlyList<WeightTensor>
{
    private readonly List<WeightTensor> tensors = [];
    private readonly Dictionary<string, int> places = new(StringComparer.Ordinal);

    /// <summary>Takes tensors in order.</summary>
    /// <exception cref="ArgumentException">A name stands twice.</exception>
    public StateDict(IEnumerable<WeightTensor> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        foreach (WeightTensor tensor in tensors)
        {
            if (!places.TryAdd(tensor.Name, this.tensors.Count))
            {
                throw new ArgumentException($"The tensor {tensor.Name} stands twice.", nameof(tensors));
            }

            this.tensors.Add(tensor);
        }
    }

    /// <inheritdoc/>
    public int Count => tensors.Count;

    /// <inheritdoc/>
    public WeightTensor this[int index] => tensors[index];

    /// <summary>The tensor of a name.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name.</exception>
    public WeightTensor this[string name] =>
        TryGet(name, out WeightTensor? tensor) ? tensor : throw new KeyNotFoundException($"There is no tensor {name}.");

    /// <summary>Looks a tensor up by name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out WeightTensor? tensor)
    {
        bool found = places.TryGetValue(name, out int place);
        tensor = found ? tensors[place] : null;
        return found;
    }

    /// <inheritdoc/>
    public IEnumerator<WeightTensor> GetEnumerator() => tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
