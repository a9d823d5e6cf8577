using CMUNeXt.Backends;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Training.Tests.Protocol;

public sealed class TeachersTests
{
    private const int Small = 32;
    private const int Large = 64;

    [Fact]
    public void A_teacher_sees_a_larger_image_at_its_own_size()
    {
        using Network network = Open(seed: 1);
        float[] small = Noise(2 * 3 * Small * Small);
        float[] taught = new Teachers([new Teacher(network, Small, Small)]).Teach(
            new Batch(2, Large, Large, Doubled(small), new byte[2 * Large * Large]));

        // Every pixel stands four times in the larger image, whose reduction is then the small image itself.
        float[] logits = network.Forward(small, 2, Small, Small);
        float[] expected =
        [
            .. Enumerable.Range(0, 2).SelectMany(i => Image.ResizeMap(
                logits.AsSpan(i * Small * Small, Small * Small), Small, Small, Large, Large)),
        ];
        Assert.Equal(expected, taught);
    }

    [Fact]
    public void Teachers_of_several_sizes_are_averaged()
    {
        using Network first = Open(seed: 1);
        using Network second = Open(seed: 2);
        Batch batch = new(1, Large, Large, Noise(3 * Large * Large), new byte[Large * Large]);
        Teacher small = new(first, Small, Small);
        Teacher large = new(second, Large, Large);
        float[] one = new Teachers([small]).Teach(batch);
        float[] other = second.Forward(batch.Input, 1, Large, Large);
        float[] both = new Teachers([small, large]).Teach(batch);
        Assert.All(both, (logit, i) => Assert.Equal((one[i] + other[i]) / 2, logit, 1e-5f));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Of_ignored_pixels_background_is_taught_and_of_the_others_what_the_teachers_say(int outputs)
    {
        using Network first = Open(seed: 1, outputs);
        using Network second = Open(seed: 2, outputs);
        Teachers teachers = new([new Teacher(first, Small, Small), new Teacher(second, Small, Small)]);
        Batch known = new(2, Small, Small, Noise(2 * 3 * Small * Small), new byte[2 * Small * Small]);

        // Others in the second image than in the first.
        Batch batch = known with { Ignored = [.. Enumerable.Range(0, 2 * Small * Small).Select(i => i % 5 == 0)] };
        float[] said = teachers.Teach(known);
        float[] expected = [.. said];
        batch.Settle(expected, outputs);

        float[] taught = teachers.Teach(batch);
        Assert.Equal(expected, taught);
        Assert.NotEqual(said[0], taught[0]);
        Assert.Equal(said[1], taught[1]);
    }

    private static Network Open(ulong seed, int outputs = 1)
    {
        NetworkDescription tiny = TinyCMUNeXt.Describe(channels: 3, outputs);
        StateDict state = Initialization.Create(CMUNeXtLayers.Of(tiny.Configuration!, 3, outputs), seed);
        return BackendRegistry.ForInference(tiny, "cpu").Open(tiny, state, 1, "cpu");
    }

    private static float[] Noise(int count)
    {
        Random random = new(7);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }

    private static float[] Doubled(float[] planes)
    {
        float[] result = new float[planes.Length * 4];
        for (int i = 0; i < result.Length; i++)
        {
            (int row, int x) = (i / Large, i % Large);
            (int plane, int y) = (row / Large, row % Large);
            result[i] = planes[(((plane * Small) + (y / 2)) * Small) + (x / 2)];
        }

        return result;
    }
}
