using CMUNeXt.Engine.Training;
using CMUNeXt.Engine.Training.Loss;
using CMUNeXt.Engine.Training.Optimizers;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Ranks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Engine.Training;

/// <summary>Steps that ranks share: losses, logits and weights have the bits that they have where one process makes the steps.</summary>
public sealed class RankTests
{
    private const int Steps = 3;

    // The published loss, and one with every term, and sums over the whole batch.
    private static readonly SegmentationLoss Published = new(0.5, 1);
    private static readonly SegmentationLoss Recipe =
        new(1, 1, WholeBatch: true, HealthyPixels: 0.05, Presence: 0.3, Distillation: 0.4, Temperature: 2);

    // Narrow and wide convolutions by Winograd and directly, several bands of an image, sides that no chunk divides, ranks without images.
    private static readonly Dictionary<string, Setting> Settings = new()
    {
        ["small"] = new(new([8, 16, 32, 64, 128], [1, 1, 1, 1, 1], [3, 3, 7, 7, 9]), 3, 1, Published, 8, 48, 32),
        ["wide"] = new(new([40, 48, 72, 104, 136], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]), 1, 1, Published, 5, 80, 112),
        ["recipe"] = new(new([8, 16, 24, 8, 40], [1, 1, 2, 1, 1], [3, 3, 7, 7, 9]), 3, 1, Recipe, 4, 32, 48),
        ["classes"] = new(new([3, 9, 24, 40, 17], [1, 2, 3, 1, 2], [1, 3, 5, 7, 9]), 1, 3, Published, 3, 80, 48),
    };

    public static TheoryData<string, int, InstructionSet> Each =>
    [
        .. from name in Settings.Keys
           from ranks in (int[])[1, 2, 3, 4]
           select (name, ranks, InstructionSets.Choose(null)),
        .. from instructions in Enum.GetValues<InstructionSet>() select ("small", 2, instructions),
    ];

    [Theory]
    [MemberData(nameof(Each))]
    public void Ranks_get_the_bits_of_one_process(string name, int ranks, InstructionSet instructions)
    {
        Assert.SkipUnless(InstructionSets.IsSupported(instructions), $"This machine does not have {instructions}.");
        Setting setting = Settings[name];
        Trained alone = Train(setting, instructions, null);
        Trained[] shared = ThreadRanks.Run(ranks, communicator => Train(setting, instructions, communicator));
        Assert.All(shared, one => Assert.Equal(alone.Losses, one.Losses));
        Assert.All(shared, one => Assert.Equal(alone.Weights, one.Weights));
        for (int step = 0; step < Steps; step++)
        {
            Assert.Equal(alone.Logits[step], shared.SelectMany(one => one.Logits[step]));
        }
    }

    [Fact]
    public async Task A_rank_that_fails_ends_the_others_and_is_the_one_that_is_told_of()
    {
        Task<int[]> run = Task.Run(() => ThreadRanks.Run(3, static communicator =>
        {
            if (communicator.Rank == 1)
            {
                throw new InvalidOperationException("rank 1");
            }

            communicator.AllGather([1], [1, 1, 1], new byte[3]);
            return communicator.Rank;
        }));
        CancellationToken stop = TestContext.Current.CancellationToken;
        Exception told = await Assert.ThrowsAsync<InvalidOperationException>(() => run.WaitAsync(TimeSpan.FromMinutes(1), stop));
        Assert.Equal("rank 1", told.Message);
    }

    private static Trained Train(Setting setting, InstructionSet instructions, ICommunicator? communicator)
    {
        NetworkDescription description = new()
        {
            Name = "cmunext", Channels = setting.Channels, Outputs = setting.Outputs, Configuration = setting.Configuration,
        };
        using TrainingNetwork network = new(
            description,
            SampleNetwork.Weights(description),
            setting.Loss,
            new MomentumOptimizer(0.9, 1e-4) { ClipNorm = 1 },
            communicator is null ? 2 : 1,
            instructions);
        if (communicator is not null)
        {
            network.Join(communicator);
        }

        int plane = setting.Height * setting.Width;
        List<double> losses = [];
        List<float[]> logits = [];
        for (int step = 0; step < Steps; step++)
        {
            // The last batch of an epoch is smaller.
            int all = step < Steps - 1 ? setting.Images : (setting.Images + 1) / 2;
            int from = all * (communicator?.Rank ?? 0) / (communicator?.Size ?? 1);
            int to = all * ((communicator?.Rank ?? 0) + 1) / (communicator?.Size ?? 1);
            float[] input = Formula.Input(7 + step, (long)all * setting.Channels * plane);
            byte[] target = [.. Formula.Input(107 + step, all * plane).Select((v, i) =>
                i < plane ? (byte)0 : (byte)((v + 1) / 2 * Math.Max(setting.Outputs, 2)))];
            float[] teacher = Formula.Input(207 + step, (long)all * setting.Outputs * plane);
            float[] own = new float[(to - from) * setting.Outputs * plane];
            losses.Add(network.Iterate(
                Part(input),
                Part(target),
                to - from,
                setting.Height,
                setting.Width,
                0.01,
                own,
                setting.Loss.Distillation > 0 ? Part(teacher) : null));
            logits.Add(own);

            T[] Part<T>(T[] values) => values[(from * (values.Length / all))..(to * (values.Length / all))];
        }

        return new Trained([.. losses], [.. logits], [.. network.Tensors.Copy().SelectMany(tensor => tensor.Data.ToArray())]);
    }

    private sealed record Setting(
        CMUNeXtConfiguration Configuration, int Channels, int Outputs, SegmentationLoss Loss, int Images, int Height, int Width);

    private sealed record Trained(double[] Losses, float[][] Logits, byte[] Weights);
}
