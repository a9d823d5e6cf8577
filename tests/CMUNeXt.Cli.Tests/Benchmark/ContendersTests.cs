using System.Runtime.Intrinsics.X86;
using CMUNeXt.Cli.Benchmark;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Benchmark;

public sealed class ContendersTests
{
    private static readonly BenchmarkCase Case = new("cmunext-s", null, 1, 48, 2);

    public static TheoryData<string> Names => [.. Contenders.Names];

    [Fact]
    public void Each_network_has_the_backends_that_compute_it()
    {
        NetworkDescription small = NetworkCatalog.Describe("cmunext-s");
        Assert.Equal(Contenders.Defaults, Contenders.DefaultsFor(small));
        Assert.Equal(
            ["torch", "torch-channels-last", "onnxruntime", "onnxruntime-folded"],
            Contenders.DefaultsFor(small with { Configuration = small.Configuration! with { Fusion = FusionBlock.Plain } }));
        Assert.Equal(["torch", "torch-channels-last", "onnxruntime"], Contenders.DefaultsFor(NetworkCatalog.Describe("unet")));
        Assert.Equal(["torch", "torch-channels-last"], Contenders.DefaultsFor(NetworkCatalog.Describe("medt")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_computes_what_the_first_does(string name)
    {
        Assert.SkipWhen(name == "managed-avx2" && !Fma.IsSupported, "This machine does not have AVX2.");
        (NetworkDescription network, StateDict weights) = Case.Load();
        float[] images = FormulaWeights.Images(2 * 3 * 48 * 48);
        Assert.InRange(Golden.RelativeDifference(Compute(Contenders.Names[0]), Compute(name)), 0, 1e-5);

        float[] Compute(string contender)
        {
            using Network opened = Contenders.Open(contender, network, weights, Case);
            using PreparedCall call = opened.Prepare(images, 2, 48, 48);
            call.Run();
            return call.CopyLogits();
        }
    }

    [Theory]
    [InlineData("unext-s", 64)]
    [InlineData("swinunet", 224)]
    [InlineData("mobileuvit", 64)]
    [InlineData("mobileuvit-l", 64)]
    public void Networks_of_the_comparison_are_computed_from_a_file_by_all_that_can(string name, int size)
    {
        BenchmarkCase measured = new(name, null, 1, size, 1);
        float[] images = FormulaWeights.Images(3 * size * size);
        string path;
        using (FormulaFile file = FormulaFile.For(measured))
        {
            path = file.Case.Weights!;
            (NetworkDescription network, StateDict weights) = file.Case.Load();
            Assert.Equal(NetworkCatalog.Describe(name), network);
            float[][] logits = [.. Contenders.DefaultsFor(network).Select(contender =>
            {
                using Network opened = Contenders.Open(contender, network, weights, measured);
                return opened.Forward(images, 1, size, size);
            })];
            Assert.All(logits, one => Assert.InRange(Golden.RelativeDifference(logits[0], one), 0, 1e-5));
            Assert.InRange(logits[0].Max() - logits[0].Min(), 0.01 * logits[0].Max(Math.Abs), 1000);
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void A_CMUNeXt_needs_no_file()
    {
        using FormulaFile file = FormulaFile.For(Case);
        Assert.Same(Case, file.Case);
    }

    [Fact]
    public void Weights_by_formula_are_of_one_range_in_all_layers_and_always_the_same()
    {
        foreach (string name in (string[])["cmunext-s", "cmunext", "cmunext-l", "unext-s", "unetpp", "medt", "swinunet"])
        {
            NetworkDescription network = NetworkCatalog.Describe(name);
            StateDict weights = FormulaWeights.Create(network);
            Assert.Equal(network, NetworkCatalog.Recognize(weights));
            Assert.All(weights.Zip(FormulaWeights.Create(network)),
                pair => Assert.True(pair.First.Data.Span.SequenceEqual(pair.Second.Data.Span), pair.First.Name));
        }

        (NetworkDescription small, StateDict state) = Case.Load();
        using Network managed = Contenders.Open("managed", small, state, Case);
        float[] logits = managed.Forward(FormulaWeights.Images(3 * 48 * 48), 1, 48, 48);

        // A difference between two pixels is no less visible than the values themselves.
        Assert.InRange(logits.Max() - logits.Min(), 0.1 * logits.Max(Math.Abs), 1000);
    }
}
