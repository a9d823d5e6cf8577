using CMUNeXt.Backends;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Backends;

public sealed class BackendRegistryTests
{
    private static readonly NetworkDescription Small = NetworkCatalog.Describe("cmunext-s");
    private static readonly NetworkDescription UNet = NetworkCatalog.Describe("unet");

    private static int made;

    static BackendRegistryTests()
    {
        BackendRegistry.Add("lazy", () =>
        {
            made++;
            return new OtherBackend("lazy");
        });
        BackendRegistry.AddMissing("absent", "run `install absent`");
    }

    [Fact]
    public void The_managed_engine_is_the_first_and_does_what_it_can()
    {
        Assert.Equal(["managed", "lazy"], BackendRegistry.Names);
        Assert.Equal("managed", BackendRegistry.ForInference(Small).Name);
        Assert.Equal("managed", BackendRegistry.ForTraining(Small).Name);
        Assert.Equal("lazy", BackendRegistry.ForInference(UNet).Name);
        Assert.Equal("lazy", BackendRegistry.ForInference(Small, "cuda:1").Name);
        Assert.Equal("lazy", BackendRegistry.ForInference(Small, name: "lazy").Name);
    }

    [Fact]
    public void The_managed_engine_opens_networks_for_inference_and_for_training()
    {
        IBackend managed = BackendRegistry.Find("managed")!;
        using ITrainable trainable = managed.OpenForTraining(Small, new TrainableSettings { Seed = 7 }, threads: 1);
        StateDict weights = trainable.CopyWeights();
        Assert.Equal(Small, NetworkCatalog.Recognize(weights));
        using Network network = managed.Open(Small, weights, threads: 1);
        float[] input = new float[3 * 32 * 32];
        input[5] = 1;
        Assert.Equal(trainable.Evaluate(new Batch(1, 32, 32, input, new byte[32 * 32])).Logits, network.Forward(input, 1, 32, 32));
    }

    [Fact]
    public void More_threads_than_cores_compute_the_same_with_the_managed_engine()
    {
        IBackend managed = BackendRegistry.Find("managed")!;
        Batch batch = new(1, 32, 32, Formula.Input(3, 3 * 32 * 32), new byte[32 * 32]);
        (StateDict weights, float[] expected) = Compute(1);
        (StateDict same, float[] computed) = Compute(int.MaxValue);
        Assert.Equal(expected, computed);
        Assert.All(weights, tensor => Assert.True(tensor.Data.Span.SequenceEqual(same[tensor.Name].Data.Span), tensor.Name));

        (StateDict Weights, float[] Logits) Compute(int threads)
        {
            using ITrainable trainable = managed.OpenForTraining(Small, new TrainableSettings { Seed = 7 }, threads);
            trainable.Iterate(batch, 0.01);
            StateDict trained = trainable.CopyWeights();
            using Network network = managed.Open(Small, trained, threads);
            return (trained, network.Forward(batch.Input, 1, 32, 32));
        }
    }

    [Fact]
    public void The_variants_of_the_managed_engine_are_its_instruction_sets()
    {
        Assert.Equal(
            ["managed", "managed-avx2", "managed-vector128"], BackendRegistry.Find("managed")!.Variants.Select(variant => variant.Name));
        Assert.All(BackendRegistry.Find("managed")!.Variants, variant => Assert.False(variant.Runs(UNet)));
    }

    [Fact]
    public void Whoever_cannot_says_so_and_what_is_missing_says_how_it_is_added()
    {
        Assert.Null(BackendRegistry.Find("absent"));
        Assert.Equal(
            "the absent backend is not installed: run `install absent`",
            Assert.Throws<BackendException>(() => BackendRegistry.ForInference(UNet, name: "absent")).Message);
        Assert.Equal(
            "no backend that is installed (managed, lazy) trains this unet on cpu; the absent backend is not installed: "
                + "run `install absent`",
            Assert.Throws<BackendException>(() => BackendRegistry.ForTraining(UNet)).Message);
        Assert.Equal(
            "no backend that is installed (managed, lazy) trains this unet on cuda; a GPU takes a program of your own, with the package "
                + "of a backend that computes there and its native library for CUDA",
            Assert.Throws<BackendException>(() => BackendRegistry.ForTraining(UNet, "cuda")).Message);
        Assert.Equal(
            "the managed backend does not run on cuda:1, only on cpu",
            Assert.Throws<BackendException>(() => BackendRegistry.ForInference(Small, "cuda:1", "managed")).Message);
        Assert.Equal(
            "the managed backend does not run this unet; take another, or leave the choice open",
            Assert.Throws<BackendException>(() => BackendRegistry.ForInference(UNet, "cpu", "managed")).Message);
        Assert.Equal(
            "there is no backend 'other'; there are managed, lazy, absent",
            Assert.Throws<BackendException>(() => BackendRegistry.ForInference(Small, name: "other")).Message);
    }

    [Fact]
    public void A_backend_is_made_once_and_the_first_of_a_name_stays()
    {
        BackendRegistry.Add("lazy", () => throw new InvalidOperationException("made"));
        Assert.Same(BackendRegistry.Find("lazy"), BackendRegistry.Find("lazy"));
        Assert.Equal(1, made);
    }

    /// <summary>Runs every network, on every device, and trains none.</summary>
    private sealed class OtherBackend(string name) : IBackend
    {
        public string Name => name;

        public IReadOnlyList<string> Devices => ["cpu", "cuda"];

        public IReadOnlyList<IBackend> Variants => [];

        public bool Runs(NetworkDescription network) => true;

        public Network Open(NetworkDescription network, StateDict weights, int? threads = null, string device = "cpu") =>
            throw new NotSupportedException();
    }
}
