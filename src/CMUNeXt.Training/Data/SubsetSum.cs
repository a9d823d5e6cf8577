namespace CMUNeXt.Training.Data;

/// <summary>Chooses whole groups so that their sizes sum up to a wanted number.</summary>
internal static class SubsetSum
{
    private const int Unreached = -1;
    private const int Empty = -2;

    /// <summary>
    /// The choice whose sum is nearest to the wanted one; of two as near, the smaller sum. Neither nothing nor everything is chosen.
    /// Of the choices with that sum it is one that ends at the earliest possible item, so that items of size 1 are simply the first.
    /// </summary>
    /// <param name="sizes">The sizes, each at least 1; at least two.</param>
    /// <param name="wanted">The wanted sum, from 1 to the sum of all sizes less 1.</param>
    /// <returns>For each item whether it is chosen.</returns>
    public static bool[] Nearest(int[] sizes, int wanted)
    {
        // reached[s] is the first item with which some choice of it and items before it sums to s. No sum of more than twice the
        // wanted one needs to be looked at, except where the smallest item alone is larger.
        int total = sizes.Sum();
        int limit = Math.Min(total - 1, Math.Max(2 * wanted, sizes.Min()));
        int[] reached = new int[limit + 1];
        Array.Fill(reached, Unreached);
        reached[0] = Empty;
        int largest = 0;
        for (int i = 0; i < sizes.Length && reached[wanted] == Unreached; i++)
        {
            largest = Math.Min(limit, largest + sizes[i]);
            for (int s = largest; s >= sizes[i]; s--)
            {
                if (reached[s] == Unreached && reached[s - sizes[i]] != Unreached)
                {
                    reached[s] = i;
                }
            }
        }

        bool[] chosen = new bool[sizes.Length];
        for (int s = NearestReached(reached, wanted); s > 0; s -= sizes[reached[s]])
        {
            chosen[reached[s]] = true;
        }

        return chosen;
    }

    private static int NearestReached(int[] reached, int wanted)
    {
        for (int distance = 0; ; distance++)
        {
            int below = wanted - distance;
            if (below >= 1 && reached[below] != Unreached)
            {
                return below;
            }

            int above = wanted + distance;
            if (above < reached.Length && reached[above] != Unreached)
            {
                return above;
            }
        }
    }
}
