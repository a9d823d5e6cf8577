namespace CMUNeXt.Masks;

/// <summary>
/// The connected components of all classes of a mask but the background, by eight neighbors, found in two passes over the pixels with a
/// disjoint-set forest (Rosenfeld and Pfaltz, "Sequential operations in digital image processing", 1966). Pixels of different classes
/// never belong together.
/// </summary>
public sealed class ConnectedComponents
{
    private readonly Component[] components;

    private ConnectedComponents(int width, int height, int[] labels, Component[] components)
    {
        Width = width;
        Height = height;
        Labels = labels;
        this.components = components;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>height x width component numbers, 0 for the background; not copied.</summary>
    public int[] Labels { get; }

    /// <summary>The number of components, which are numbered from 1 in the order of their first pixels, rows from the top.</summary>
    public int Count => components.Length;

    /// <summary>The components; that of label L stands at L - 1.</summary>
    internal IReadOnlyList<Component> Components => components;

    /// <summary>The number of pixels of a component.</summary>
    /// <param name="label">Its number, from 1 to <see cref="Count"/>.</param>
    public int AreaOf(int label) => components[label - 1].Area;

    /// <summary>The index of a component's class, from 1.</summary>
    /// <param name="label">Its number, from 1 to <see cref="Count"/>.</param>
    public int ClassOf(int label) => components[label - 1].Class;

    /// <summary>Finds the components of a mask.</summary>
    /// <param name="mask">The mask.</param>
    public static ConnectedComponents Of(Mask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        return Of(mask, new int[mask.Pixels.Length]);
    }

    /// <summary>Finds the components of a mask, and keeps their labels where the caller says.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="labels">At least height x width numbers, of any values.</param>
    internal static ConnectedComponents Of(Mask mask, int[] labels)
    {
        labels.AsSpan(0, mask.Pixels.Length).Clear();
        List<int> parents = [0];
        Assign(mask, labels, parents);

        // A parent's number is never larger than its child's, so that one pass in order numbers the roots and settles the others.
        int[] final = new int[parents.Count];
        int count = 0;
        for (int i = 1; i < final.Length; i++)
        {
            final[i] = parents[i] == i ? ++count : final[parents[i]];
        }

        return new ConnectedComponents(mask.Width, mask.Height, labels, Measure(mask, labels, final, count));
    }

    private static void Assign(Mask mask, int[] labels, List<int> parents)
    {
        byte[] pixels = mask.Pixels;
        int width = mask.Width;
        for (int y = 0; y < mask.Height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                int i = y * width + x;
                byte own = pixels[i];
                if (own == 0)
                {
                    int run = pixels.AsSpan(i, width - x).IndexOfAnyExcept((byte)0);
                    x += run < 0 ? width : run - 1;
                    continue;
                }

                int label = 0;
                Join(x > 0, i - 1);
                Join(y > 0, i - width);
                Join(y > 0 && x > 0, i - width - 1);
                Join(y > 0 && x < width - 1, i - width + 1);
                if (label == 0)
                {
                    label = parents.Count;
                    parents.Add(label);
                }

                labels[i] = label;

                void Join(bool inside, int neighbor)
                {
                    if (inside && pixels[neighbor] == own)
                    {
                        int other = labels[neighbor];
                        label = label == 0 ? Root(parents, other) : label == other ? label : Unite(parents, label, other);
                    }
                }
            }
        }
    }

    private static int Unite(List<int> parents, int a, int b)
    {
        int rootA = Root(parents, a);
        int rootB = Root(parents, b);
        (int smaller, int larger) = rootA < rootB ? (rootA, rootB) : (rootB, rootA);
        parents[larger] = smaller;
        return smaller;
    }

    private static int Root(List<int> parents, int label)
    {
        while (parents[label] != label)
        {
            parents[label] = parents[parents[label]];
            label = parents[label];
        }

        return label;
    }

    /// <summary>Puts the final numbers into the labels, and measures the components.</summary>
    private static Component[] Measure(Mask mask, int[] labels, int[] final, int count)
    {
        Component[] components = new Component[count];
        for (int y = 0; y < mask.Height; y++)
        {
            Span<int> row = labels.AsSpan(y * mask.Width, mask.Width);
            for (int x = 0, length; x < row.Length; x += length)
            {
                // A run of one label at a time; the first assigned ones of a component may differ along it.
                int assigned = row[x];
                length = row[x..].IndexOfAnyExcept(assigned);
                length = length < 0 ? row.Length - x : length;
                if (assigned == 0)
                {
                    continue;
                }

                int label = final[assigned];
                row.Slice(x, length).Fill(label);
                BoundingBox run = new(x, y, length, 1);
                ref Component component = ref components[label - 1];
                component = component.Area == 0
                    ? new Component(label, mask.Pixels[(y * mask.Width) + x], length, run, new PixelPosition(x, y))
                    : component with { Area = component.Area + length, Box = component.Box.Union(run) };
            }
        }

        return components;
    }
}
