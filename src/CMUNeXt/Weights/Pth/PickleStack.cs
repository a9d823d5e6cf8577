using System.Runtime.InteropServices;
using CMUNeXt.Files;

namespace CMUNeXt.Weights.Pth;

/// <summary>The stack of a pickle machine, with the marks that fence off what lies below them.</summary>
internal sealed class PickleStack(string path)
{
    private readonly List<object?> values = [];
    private readonly List<int> marks = [];

    private int Fence => marks.Count > 0 ? marks[^1] : 0;

    /// <summary>The value on top.</summary>
    public object? Top => values.Count > Fence ? values[^1] : throw Underflow();

    public void Clear()
    {
        values.Clear();
        marks.Clear();
    }

    public void Push(object? value) => values.Add(value);

    public object? Pop()
    {
        object? top = Top;
        values.RemoveAt(values.Count - 1);
        return top;
    }

    /// <summary>The value on top, taken off, of a given type.</summary>
    /// <param name="expected">The type in words.</param>
    public T Pop<T>(string expected)
        where T : class => Pop() as T ?? throw Unexpected(expected);

    /// <summary>The value on top, of a given type.</summary>
    public T Peek<T>(string expected)
        where T : class => Top as T ?? throw Unexpected(expected);

    public void Mark() => marks.Add(values.Count);

    /// <summary>Takes the value on top off, or a mark where there is nothing above it.</summary>
    public void PopOrUnmark()
    {
        if (marks.Count > 0 && values.Count == Fence)
        {
            marks.RemoveAt(marks.Count - 1);
        }
        else
        {
            Pop();
        }
    }

    /// <summary>The values above the last mark; they are gone with the next change of the stack.</summary>
    public ReadOnlySpan<object?> AboveMark() =>
        marks.Count > 0 ? CollectionsMarshal.AsSpan(values)[marks[^1]..] : throw Underflow();

    /// <summary>The value right below the last mark, of a given type.</summary>
    public T BelowMark<T>(string expected)
        where T : class
    {
        int below = Fence - 1;
        int fence = marks.Count > 1 ? marks[^2] : 0;
        return below < fence ? throw Underflow() : values[below] as T ?? throw Unexpected(expected);
    }

    /// <summary>Takes the last mark off, and all that is above it.</summary>
    public void DropToMark()
    {
        if (marks.Count == 0)
        {
            throw Underflow();
        }

        values.RemoveRange(marks[^1], values.Count - marks[^1]);
        marks.RemoveAt(marks.Count - 1);
    }

    private BadFileException Underflow() => new(path, "its pickle takes more values than it makes; the file is damaged");

    private BadFileException Unexpected(string expected) =>
        new(path, $"its pickle needs {expected} where something else is; the file is damaged");
}
