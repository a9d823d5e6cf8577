using CMUNeXt.Files;
using CMUNeXt.Tensors;

namespace CMUNeXt.Weights.Pth;

/// <summary>What the few allowed names of a pickle do when they are called: they make dictionaries, tuples, storages and tensors.</summary>
/// <param name="path">The file, for the messages.</param>
/// <param name="limit">The most items that may be copied out of lists, all calls together.</param>
internal sealed class PickleCalls(string path, int limit)
{
    private readonly Dictionary<string, StorageReference> storages = new(StringComparer.Ordinal);
    private int copied;

    /// <summary>The storages named so far, by key.</summary>
    public IReadOnlyDictionary<string, StorageReference> Storages => storages;

    /// <summary>Calls an allowed name.</summary>
    /// <exception cref="BadFileException">The arguments are not those that <c>torch.save</c> writes.</exception>
    public object Call(PickleGlobal global, object?[] arguments)
    {
        object? made = global.Kind switch
        {
            PickleGlobalKind.OrderedDictionary => MakeDictionary(arguments),
            PickleGlobalKind.Size => arguments is [object?[] sizes] ? sizes : null,
            PickleGlobalKind.RebuildTensor => MakeTensor(arguments),
            PickleGlobalKind.RebuildParameter => arguments is [TensorReference tensor, ..] ? tensor : null,
            _ => null,
        };
        return made ?? throw Bad($"its pickle calls {global.Name} with something that torch.save does not write");
    }

    /// <summary>The storage of a persistent id: ("storage", type, key, device, count) and, in old files, None for "not a view".</summary>
    /// <exception cref="BadFileException">It is anything else, or contradicts what was said of the same storage before.</exception>
    public StorageReference Storage(object?[] id)
    {
        bool known = id is ["storage", PickleGlobal { Kind: PickleGlobalKind.Storage }, string, string, long and >= 0] or
            ["storage", PickleGlobal { Kind: PickleGlobalKind.Storage }, string, string, long and >= 0, null];
        if (!known)
        {
            throw Bad("its pickle names a storage in a way that torch.save does not");
        }

        ElementType type = ((PickleGlobal)id[1]!).Type;
        string key = (string)id[2]!;
        long count = (long)id[4]!;
        if (!storages.TryGetValue(key, out StorageReference? storage))
        {
            storage = new StorageReference(key, type, count);
            storages.Add(key, storage);
        }

        return storage.Type == type && storage.Count == count
            ? storage
            : throw Bad($"its pickle gives storage {PrintableName.Of(key)} two types or sizes");
    }

    private PickleDictionary? MakeDictionary(object?[] arguments)
    {
        PickleDictionary dictionary = new();
        if (arguments is [])
        {
            return dictionary;
        }

        if (arguments is not [List<object?> pairs])
        {
            return null;
        }

        // One list can be given again and again: what is copied has to stay in proportion to the file.
        copied += pairs.Count;
        if (copied < 0 || copied > limit)
        {
            throw Bad("its pickle copies the same list again and again; the file is damaged");
        }

        foreach (object? pair in pairs)
        {
            (object? key, object? value) = pair switch
            {
                object?[] and [object first, var second] => (first, second),
                List<object?> and [object first, var second] => (first, second),
                _ => (null, null),
            };
            if (!PickleDictionary.IsKey(key))
            {
                return null;
            }

            dictionary.Set(key!, value);
        }

        return dictionary;
    }

    // storage, offset, sizes, strides; since version 2 also "requires gradient" and hooks; since PyTorch 2 the metadata, which can
    // change what the numbers mean and has to be empty.
    private static TensorReference? MakeTensor(object?[] arguments) =>
        arguments.Length is 4 or 6 or 7
        && arguments is [StorageReference storage, long offset, object?[] sizes, object?[] strides, ..]
        && (arguments.Length < 7 || arguments[6] is null or PickleDictionary { Count: 0 })
            ? new TensorReference(storage, offset, sizes, strides)
            : null;

    private BadFileException Bad(string problem) => new(path, problem);
}
