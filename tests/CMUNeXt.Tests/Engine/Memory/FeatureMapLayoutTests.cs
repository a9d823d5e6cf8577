using CMUNeXt.Engine.Memory;

namespace CMUNeXt.Tests.Engine.Memory;

public sealed unsafe class FeatureMapLayoutTests
{
    [Fact]
    public void Maps_in_use_at_the_same_time_do_not_share_memory()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            Random random = new(seed);
            FeatureMapLayout layout = new();
            List<(int First, int Last)> uses = [];
            int steps = random.Next(1, 12);
            while (uses.Count < 12)
            {
                layout.Add(random.Next(1, 5), random.Next(1, 12), random.Next(1, 12), random.Next(0, 4));
                uses.Add(Use());
                if (random.Next(3) == 0)
                {
                    layout.AddBehind();
                    uses.Add(Use());
                }
            }

            for (int step = 0; step < steps; step++)
            {
                layout.AddStep(InUse(step));
            }

            // Each map is filled when it is first used, and has to be whole until it is last used.
            (NativeBuffer memory, FeatureMap[] maps) = layout.Allocate();
            for (int step = 0; step < steps; step++)
            {
                foreach (int map in InUse(step).Where(map => uses[map].First == step))
                {
                    All(maps[map]).Fill(map);
                }

                Assert.All(InUse(step), map => Assert.Equal(-1, All(maps[map]).IndexOfAnyExcept(map)));
            }

            memory.Dispose();

            (int First, int Last) Use()
            {
                int first = random.Next(steps);
                return (first, random.Next(first, steps));
            }

            IEnumerable<int> InUse(int step) =>
                Enumerable.Range(0, uses.Count).Where(map => uses[map].First <= step && step <= uses[map].Last);
        }
    }

    [Fact]
    public void Maps_in_use_one_after_the_other_share_memory()
    {
        nint alone = Allocate(maps: 1);
        nint two = Allocate(maps: 2);
        Assert.True(two > alone);
        Assert.Equal(two, Allocate(maps: 9));

        static nint Allocate(int maps)
        {
            FeatureMapLayout layout = new();
            for (int map = 0; map < maps; map++)
            {
                layout.Add(blocks: 2, height: 20, width: 20, margin: 1);
            }

            for (int step = 0; step < maps; step++)
            {
                layout.AddStep(step == 0 ? [0] : [step - 1, step]);
            }

            using NativeBuffer memory = layout.Allocate().Memory;
            return memory.Count;
        }
    }

    [Fact]
    public void A_map_behind_another_goes_on_with_its_blocks_and_lends_its_place_before()
    {
        FeatureMapLayout layout = new();
        int first = layout.Add(blocks: 3, height: 5, width: 7, margin: 2);
        int behind = layout.AddBehind();
        int before = layout.Add(blocks: 3, height: 5, width: 7, margin: 2);
        layout.AddStep(first, before);
        layout.AddStep(first, behind);
        (NativeBuffer memory, FeatureMap[] maps) = layout.Allocate();
        Assert.True(maps[first].At(3, 0, 0) == maps[behind].At(0, 0, 0));
        Assert.True(maps[before].At(0, 0, 0) - maps[behind].At(0, 0, 0) is >= 0 and < 16);
        memory.Dispose();
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(4, 8, 1)]
    [InlineData(5, 7, 1)]
    [InlineData(6, 6, 3)]
    [InlineData(17, 33, 4)]
    public void Margins_are_cleared_as_far_as_tiles_and_kernels_reach(int height, int width, int margin)
    {
        FeatureMapLayout layout = new();
        layout.Add(blocks: 1, 3, 3, margin: 0);
        layout.Add(blocks: 2, height, width, margin);
        layout.Add(blocks: 1, 3, 3, margin: 0);
        layout.AddStep(0, 1, 2);
        (NativeBuffer memory, FeatureMap[] maps) = layout.Allocate();
        new Span<float>(memory.Data, (int)memory.Count).Fill(float.NaN);
        maps[1].ClearMargin(0);
        maps[1].ClearMargin(1);
        int bottom = Math.Max(height + margin, ((height + 3) / 4 * 4) + 1);
        int right = Math.Max(width + margin, ((width + 3) / 4 * 4) + 1);
        for (int block = 0; block < 2; block++)
        {
            for (int y = -margin; y < bottom; y++)
            {
                for (int x = -margin; x < right; x++)
                {
                    bool within = y >= 0 && y < height && x >= 0 && x < width;
                    Assert.All(new Span<float>(maps[1].At(block, y, x), 8).ToArray(), value => Assert.Equal(within ? float.NaN : 0, value));
                }
            }
        }

        Assert.All(All(maps[0]).ToArray().Concat(All(maps[2]).ToArray()), value => Assert.Equal(float.NaN, value));
        memory.Dispose();
    }

    // All values of a map, with the margins.
    private static Span<float> All(FeatureMap map) => new(map.At(0, -map.Margin, -map.Margin), (int)map.BlockStride * map.Blocks);
}
