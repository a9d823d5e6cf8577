using System.Runtime.Intrinsics.X86;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Tests.Benchmark;

public sealed class ContendersTests
{
    private static readonly BenchmarkCase Case = new("cmunext-s", null, 1, 48, 2);

    public static TheoryData<string> Names => [.. Contenders.Names];

    [Fact]
    public void Each_network_has_the_backends_that_compute_it()
    {
        string[] For(NetworkDescription network) => [.. Contenders.Defaults.Where(name => Contenders.Supports(name, network))];
        NetworkDescription small = NetworkCatalog.Describe("cmunext-s");
        Assert.Equal(Contenders.Defaults, For(small));
        Assert.Equal(
            ["onnxruntime", "onnxruntime-folded", "torch", "torch-channels-last"],
            For(small with { Configuration = small.Configuration! with { Fusion = FusionBlock.Plain } }));
        Assert.Equal(["onnxruntime", "torch", "torch-channels-last"], For(NetworkCatalog.Describe("unet")));
        Assert.Equal(["torch", "torch-channels-last"], For(NetworkCatalog.Describe("medt")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_computes_what_the_first_does(string name)
    {
        Assert.SkipWhen(name == "managed-avx2" && !Fma.IsSupported, "This machine does not have AVX2.");
        (NetworkDescription network, StateDict weights) = Case.Load();
        float[] pictures = FormulaWeights.Pictures(2 * 3 * 48 * 48);
        Assert.InRange(Golden.RelativeDifference(Compute(Contenders.Names[0]), Compute(name)), 0, 1e-5);

        float[] Compute(string contender)
        {
            using Network opened = Contenders.Open(contender, network, weights, Case);
            using PreparedCall call = opened.Prepare(pictures, 2, 48, 48);
            call.Run();
            return call.CopyLogits();
        }
    }

    [Fact]
    public void Weights_by_formula_are_of_one_range_in_all_layers_and_always_the_same()
    {
        foreach (string name in FormulaWeights.Networks)
        {
            NetworkDescription network = NetworkCatalog.Describe(name);
            StateDict weights = FormulaWeights.Create(network);
            Assert.Equal(network, NetworkCatalog.Recognise(weights));
            Assert.All(weights.Zip(FormulaWeights.Create(network)), pair => Assert.True(pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span), pair.First.Name));
        }

        (NetworkDescription small, StateDict state) = Case.Load();
        using Network managed = Contenders.Open("managed", small, state, Case);
        float[] logits = managed.Forward(FormulaWeights.Pictures(3 * 48 * 48), 1, 48, 48);

        // A difference between two pixels is no less visible than the values themselves.
        Assert.InRange(logits.Max() - logits.Min(), 0.1 * logits.Max(Math.Abs), 1000);
    }
}
