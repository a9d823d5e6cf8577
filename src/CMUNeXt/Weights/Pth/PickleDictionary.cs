namespace CMUNeXt.Weights.Pth;

/// <summary>A dictionary of a pickle, in the order of its items. Keys are plain values: text, whole numbers, booleans.</summary>
internal sealed class PickleDictionary
{
    // Created with the first item: one byte of a pickle makes an empty dictionary.
    private OrderedDictionary<object, object?>? items;

    /// <summary>The items in order.</summary>
    public IEnumerable<KeyValuePair<object, object?>> Items => items ?? Enumerable.Empty<KeyValuePair<object, object?>>();

    /// <summary>The number of items.</summary>
    public int Count => items?.Count ?? 0;

    /// <summary>Whether a value may be a key.</summary>
    public static bool IsKey(object? value) => value is string or long or bool;

    /// <summary>Sets the value of a key; a key that is there already keeps its place.</summary>
    public void Set(object key, object? value) => (items ??= new OrderedDictionary<object, object?>(KeyComparer.Instance))[key] = value;

    /// <summary>The value of a key, or null.</summary>
    public object? Get(string key) => items is not null && items.TryGetValue(key, out object? value) ? value : null;

    // Numbers hash to themselves, so that a file could choose keys that all fall together; this hash is seeded by the process.
    private sealed class KeyComparer : IEqualityComparer<object>
    {
        public static KeyComparer Instance { get; } = new();

        public new bool Equals(object? x, object? y) => object.Equals(x, y);

        public int GetHashCode(object obj) => obj switch
        {
            string text => text.GetHashCode(StringComparison.Ordinal),
            long number => HashCode.Combine((int)number, (int)(number >> 32)),
            _ => obj.GetHashCode(),
        };
    }
}
