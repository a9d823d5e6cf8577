namespace CMUNeXt.Training.Data;

/// <summary>Chooses whole groups so that their sizes sum up to a wanted number.</summary>
internal static class SubsetSum
{
    private const int Unreached = -1;
    private const int Empty = -2;

    /// <summary>
    /// The choice whose sum is nearest to the wanted one; of two as near, the smaller sum.
    /// Of the choices with that sum it is one that ends at the earliest possible item, so that items of size 1 are simply the first.
    /// </summary>
    /// <param name="sizes">The sizes, each at least 1; at least two.</param>
    /// <param name="wanted">The wanted sum, within the bounds.</param>
    /// <param name="least">The least sum: 0, or 1 where something has to be chosen.</param>
    /// <param name="most">The largest sum: that of all sizes, or 1 less where something has to be left.</param>
    /// <returns>For each item whether it is chosen.</returns>
    public static bool[] Nearest(int[] sizes, int wanted, int least, int most)
    {
        // reached[s] is the first item with which some choice of it and items before it sums to s. No sum of more than twice the
        // wanted one needs to be looked at, except where the smallest item alone is larger.
        int limit = Math.Min(most, Math.Max(2 * wanted, sizes.Min()));
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
        for (int s = NearestReached(reached, wanted, least); s > 0; s -= sizes[reached[s]])
        {
            chosen[reached[s]] = true;
        }

        return chosen;
    }

    private static int NearestReached(int[] reached, int wanted, int least)
    {
        for (int distance = 0; ; distance++)
        {
            int below = wanted - distance;
            if (below >= least && reached[below] != Unreached)
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
