namespace CMUNeXt.Engine.Memory;

/// <summary>
/// Lays feature maps out in one block of memory, in which those that no step needs at the same time share places: each takes the lowest
/// place that is free from the first step that uses it to the last. Margins therefore have to be cleared whenever a map is written anew.
/// </summary>
internal sealed unsafe class FeatureMapLayout
{
    // Kernels may read, never use, so much beyond the last map.
    private const int Slack = 4096;

    // Floats in a cache line, on which maps begin.
    private const int Line = 16;

    private readonly List<Place> places = [];
    private int steps;

    /// <summary>Adds a map. Those that come first are placed first: the largest and the longest in use should.</summary>
    /// <param name="blocks">Channel blocks.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="margin">
    /// Rows and columns of zeros on each side; on the lower right there are enough for tiles of 4, unless it is 0.
    /// </param>
    /// <returns>Its place in what <see cref="Allocate"/> gives.</returns>
    public int Add(int blocks, int height, int width, int margin)
    {
        nint rowStride = (width + margin + After(width)) * 8;

        // A cache line more, so that the channel blocks of a pixel do not all fall into the same places of the cache.
        nint blockStride = (rowStride * (height + margin + After(height))) + Line;
        places.Add(new Place
        {
            Map = new FeatureMap
            {
                Blocks = blocks,
                Height = height,
                Width = width,
                Margin = margin,
                RowStride = rowStride,
                BlockStride = blockStride,
            },
        });
        return places.Count - 1;

        // A tile reads one pixel beyond the four that it computes.
        int After(int side) => margin == 0 ? 0 : Math.Max(margin, ((side + 3) / 4 * 4) - side + 1);
    }

    /// <summary>
    /// Adds a map like the last one, right behind it, so that the two can be read as one map with the channel blocks of both.
    /// </summary>
    public int AddBehind()
    {
        Place behind = new() { Map = places[^1].Map, IsBehind = true };
        places[^1].Behind = behind;
        places.Add(behind);
        return places.Count - 1;
    }

    /// <summary>Says what the next step reads and writes.</summary>
    public void AddStep(params IEnumerable<int> maps)
    {
        foreach (int map in maps)
        {
            places[map].First ??= steps;
            places[map].Last = steps;
        }

        steps++;
    }

    /// <summary>Makes the memory, with anything in it.</summary>
    public (NativeBuffer Memory, FeatureMap[] Maps) Allocate()
    {
        List<Place> placed = [];
        foreach (Place place in places.Where(place => !place.IsBehind))
        {
            // The lowest place is the start, or right behind another map; of two maps, the second may be the one that is right behind it.
            IEnumerable<nint> starts = placed.SelectMany(other => (nint[])[other.End, other.End - place.Size]).Where(start => start > 0);
            place.Start = starts.Select(start => (start + Line - 1) / Line * Line).Prepend(0).Order().First(start =>
                IsFree(place, start) && (place.Behind is null || IsFree(place.Behind, start + place.Size)));
            placed.Add(place);
            if (place.Behind is { } behind)
            {
                behind.Start = place.End;
                placed.Add(behind);
            }
        }

        NativeBuffer memory = new(placed.Max(place => place.End) + Slack);
        return (memory, [.. places.Select(place => place.Map with
        {
            Origin = memory.Data + place.Start + (place.Map.Margin * (place.Map.RowStride + 8)),
        })]);

        bool IsFree(Place place, nint start) => !placed.Exists(other =>
            start < other.End && other.Start < start + place.Size && place.First <= other.Last && other.First <= place.Last);
    }

    private sealed class Place
    {
        /// <summary>Without an origin.</summary>
        public required FeatureMap Map { get; init; }

        /// <summary>Whether it belongs right behind the one before it.</summary>
        public bool IsBehind { get; init; }

        /// <summary>What belongs right behind it.</summary>
        public Place? Behind { get; set; }

        /// <summary>The first step that uses it.</summary>
        public int? First { get; set; }

        /// <summary>The last step that uses it.</summary>
        public int? Last { get; set; }

        public nint Start { get; set; }

        public nint Size => Map.BlockStride * Map.Blocks;

        public nint End => Start + Size;
    }
}
