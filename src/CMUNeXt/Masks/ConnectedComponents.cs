namespace CMUNeXt.Masks;

/// <summary>
/// The connected components of all classes of a mask but the background, by eight neighbors, found in two passes over the runs of its rows
/// with a disjoint-set forest (Rosenfeld and Pfaltz, "Sequential operations in digital image processing", 1966). Pixels of different
/// classes never belong together.
/// </summary>
internal sealed class ConnectedComponents
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

    /// <summary>
    /// The components, which are numbered from 1 in the order of their first pixels, rows from the top; that of label L stands at L - 1.
    /// </summary>
    public IReadOnlyList<Component> Components => components;

    /// <summary>The index of a component's class, from 1.</summary>
    /// <param name="label">Its number.</param>
    public int ClassOf(int label) => components[label - 1].Class;

    /// <summary>Finds the components of a mask.</summary>
    /// <param name="mask">The mask.</param>
    public static ConnectedComponents Of(Mask mask) => Of(mask, new int[mask.Pixels.Length]);

    /// <summary>Finds the components of a mask, and keeps their labels where the caller says.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="labels">At least height x width numbers, of any values.</param>
    public static ConnectedComponents Of(Mask mask, int[] labels)
    {
        labels.AsSpan(0, mask.Pixels.Length).Clear();
        List<int> parents = [0];
        List<Run> runs = RunsOf(mask, parents);

        // A parent's number is never larger than its child's, so that one pass in order numbers the roots and settles the others.
        int[] final = new int[parents.Count];
        int count = 0;
        for (int i = 1; i < final.Length; i++)
        {
            final[i] = parents[i] == i ? ++count : final[parents[i]];
        }

        return new ConnectedComponents(mask.Width, mask.Height, labels, Measure(mask.Width, runs, labels, final, count));
    }

    // Each with the number that it is first given.
    private static List<Run> RunsOf(Mask mask, List<int> parents)
    {
        List<Run> runs = [];
        for (int y = 0, above = 0; y < mask.Height; y++)
        {
            int rowStart = runs.Count;
            ReadOnlySpan<byte> row = mask.Pixels.AsSpan(y * mask.Width, mask.Width);
            for (int x = 0, end; x < row.Length; x = end)
            {
                byte own = row[x];
                int length = row[x..].IndexOfAnyExcept(own);
                end = length < 0 ? row.Length : x + length;
                if (own != 0)
                {
                    // Those above that end before this one begins touch none of the later ones either.
                    while (above < rowStart && runs[above].End < x)
                    {
                        above++;
                    }

                    runs.Add(new Run(x, y, end, own, LabelOf(runs, above..rowStart, own, end, parents)));
                }
            }

            above = rowStart;
        }

        return runs;
    }

    // That of the runs above that touch it, one after another, or a new one.
    private static int LabelOf(List<Run> runs, Range above, byte own, int end, List<int> parents)
    {
        int label = 0;
        for (int i = above.Start.Value; i < above.End.Value && runs[i].X <= end; i++)
        {
            if (runs[i].Class == own)
            {
                label = label == 0 ? Root(parents, runs[i].Label) : Unite(parents, label, runs[i].Label);
            }
        }

        if (label == 0)
        {
            label = parents.Count;
            parents.Add(label);
        }

        return label;
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

    // Puts the final numbers into the labels, and measures the components.
    private static Component[] Measure(int width, List<Run> runs, int[] labels, int[] final, int count)
    {
        Component[] components = new Component[count];
        foreach (Run run in runs)
        {
            int label = final[run.Label];
            int length = run.End - run.X;
            labels.AsSpan((run.Y * width) + run.X, length).Fill(label);
            BoundingBox box = new(run.X, run.Y, length, 1);
            ref Component component = ref components[label - 1];
            component = component.Area == 0
                ? new Component(label, run.Class, length, box, new PixelPosition(run.X, run.Y))
                : component with { Area = component.Area + length, Box = component.Box.Union(box) };
        }

        return components;
    }

    /// <summary>Neighbors in a row, of one class, as many as there are.</summary>
    /// <param name="X">The column of the first.</param>
    /// <param name="Y">The row.</param>
    /// <param name="End">The column after the last.</param>
    /// <param name="Class">The index of their class, from 1.</param>
    /// <param name="Label">The number that they were first given.</param>
    private readonly record struct Run(int X, int Y, int End, byte Class, int Label);
}
