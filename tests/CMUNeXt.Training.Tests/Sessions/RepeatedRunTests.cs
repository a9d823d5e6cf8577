using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Tests.Runs;

namespace CMUNeXt.Training.Tests.Sessions;

/// <summary>A training that failed before its first checkpoint, of a network whose first weights its backend alone knows.</summary>
public sealed class RepeatedRunTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TrainingOptions options;

    public RepeatedRunTests()
    {
        BackendRegistry.Add(new FakeBackend("steady", failing: -1));
        BackendRegistry.Add(new FakeBackend("failing", failing: 1));
        TrainingOptions usual = TinyTraining.Options(folder, train: [1, 2, 3, 4, 5], validation: [6, 7]);
        options = usual with { Network = NetworkCatalog.Describe("unet", channels: 1), Backend = "steady" };
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_starts_again_from_its_first_weights(bool isResumed)
    {
        using TrainingSession steady = TrainingSession.Begin(folder["steady"], options);
        steady.Run(cancellation: TestContext.Current.CancellationToken);
        using TrainingSession begun = TrainingSession.Begin(folder["failing"], options with { Backend = "failing" });
        Fail(begun);
        Assert.Null(begun.Folder.ReadCheckpoint());
        using TrainingSession? resumed = isResumed ? TrainingSession.Resume(folder["failing"]) : null;
        if (resumed is not null)
        {
            Fail(resumed);
        }

        (resumed ?? begun).Run(cancellation: TestContext.Current.CancellationToken);
        SomeRun.AssertEqual(steady.Folder.ReadCheckpoint()!.Weights, begun.Folder.ReadCheckpoint()!.Weights);
    }

    private static void Fail(TrainingSession session) =>
        Assert.Throws<TrainingFailedException>(() => session.Run(cancellation: TestContext.Current.CancellationToken));

    /// <summary>Trains one network; what it trains has a loss that is no number in one iteration.</summary>
    private sealed class FakeBackend(string name, int failing) : IBackend
    {
        public string Name => name;

        public IReadOnlyList<IBackend> Variants => [];

        public bool Runs(NetworkDescription network) => false;

        public bool Trains(NetworkDescription network) => network.Name == "unet";

        public Network Open(NetworkDescription network, StateDict weights, int? threads = null, string device = "cpu") =>
            throw new NotSupportedException();

        public ITrainable OpenForTraining(
            NetworkDescription network, TrainableSettings settings, int? threads = null, string device = "cpu") =>
            new FakeTrainable { TrainingLoss = (iteration, loss) => iteration == failing ? double.NaN : loss };
    }
}
