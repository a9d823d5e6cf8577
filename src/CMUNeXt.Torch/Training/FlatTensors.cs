using static TorchSharp.torch;

namespace CMUNeXt.Torch.Training;

/// <summary>
/// The floating-point tensors of a module moved into one, so that an optimizer, a norm or an average takes one launch on a device and not
/// one a tensor: first the parameters that decay, then the others that are trained, then what runs along. The module's own tensors become
/// views of it, and those of their gradients views of another.
/// </summary>
internal sealed class FlatTensors : IDisposable
{
    private readonly List<(string Name, long[] Shape, long Offset)> places = [];
    private readonly bool channelsLast;
    private readonly long trained;
    private readonly long decayed;

    /// <summary>Moves the tensors.</summary>
    /// <param name="tensors">All tensors of the module; integer ones stay where they are.</param>
    /// <param name="isTrained">Whether a tensor is trained.</param>
    /// <param name="decays">Whether a parameter of a shape decays.</param>
    /// <param name="channelsLast">Whether four-dimensional tensors lie channels-last.</param>
    public FlatTensors(
        IReadOnlyList<(string Name, Tensor Value)> tensors, Func<string, bool> isTrained, Func<IReadOnlyList<int>, bool> decays,
        bool channelsLast)
    {
        this.channelsLast = channelsLast;
        using IDisposable noGradients = no_grad();
        int Rank((string Name, Tensor Value) tensor) =>
            !isTrained(tensor.Name) ? 2 : decays([.. tensor.Value.shape.Select(size => (int)size)]) ? 0 : 1;
        (string Name, Tensor Value)[] ordered = [.. tensors.Where(tensor => tensor.Value.is_floating_point()).OrderBy(Rank)];
        decayed = ordered.Where(tensor => Rank(tensor) == 0).Sum(tensor => tensor.Value.numel());
        trained = ordered.Where(tensor => Rank(tensor) < 2).Sum(tensor => tensor.Value.numel());
        long offset = 0;
        foreach ((string name, Tensor value) in ordered)
        {
            places.Add((name, value.shape, offset));
            offset += value.numel();
        }

        Values = zeros(offset, ordered[0].Value.dtype, ordered[0].Value.device);
        Gradients = zeros(trained, Values.dtype, Values.device);
        using IDisposable scope = NewDisposeScope();
        for (int i = 0; i < places.Count; i++)
        {
            Tensor value = ordered[i].Value;
            Tensor view = View(Values, i);
            view.copy_(value);
            value.set_(view);
            if (places[i].Offset < trained)
            {
                value.grad = View(Gradients, i);
            }
        }
    }

    /// <summary>All values.</summary>
    public Tensor Values { get; }

    /// <summary>The gradients of those that are trained; a backward pass adds to them.</summary>
    public Tensor Gradients { get; }

    /// <summary>The part of a tensor like <see cref="Values"/> that is trained. The caller disposes it.</summary>
    public Tensor Trained(Tensor all) => all.narrow(0, 0, trained);

    /// <summary>The part that decays. The caller disposes it.</summary>
    public Tensor Decayed(Tensor all) => all.narrow(0, 0, decayed);

    /// <summary>The tensors in another one that is laid out like <see cref="Values"/>, or like its trained part, by name.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Views(Tensor all) =>
        [.. Enumerable.Range(0, places.Count).Where(i => places[i].Offset < all.numel()).Select(i => (places[i].Name, View(all, i)))];

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }

    private Tensor View(Tensor all, int place)
    {
        (_, long[] shape, long offset) = places[place];
        long count = 1;
        foreach (long size in shape)
        {
            count *= size;
        }

        Tensor part = all.narrow(0, offset, count);
        return channelsLast && shape is [long n, long c, long h, long w] ? part.view(n, h, w, c).permute(0, 3, 1, 2) : part.view(shape);
    }
}
