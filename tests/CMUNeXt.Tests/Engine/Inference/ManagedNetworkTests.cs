using CMUNeXt.Engine.Inference;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Files;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Engine.Inference;

public sealed class ManagedNetworkTests
{
    // So that some wait for their turn.
    private static readonly int ManyCallers = Environment.ProcessorCount + 3;

    public static TheoryData<InstructionSet> InstructionSets => [.. Enum.GetValues<InstructionSet>()];

    public static TheoryData<string, InstructionSet> References => new MatrixTheoryData<string, InstructionSet>(
        ["cmunext_s", "cmunext", "cmunext_l", "cmunext_s_gray_4class"], Enum.GetValues<InstructionSet>());

    [Theory]
    [MemberData(nameof(References))]
    public void Logits_equal_the_originals(string name, InstructionSet instructions)
    {
        SkipUnlessSupported(instructions);
        using ManagedNetwork network = new(Golden.Describe(name), Golden.Fill(name), threads: null, instructions: instructions);
        Golden.AssertComputes(name, network);
    }

    // Channels that fill no channel block, one channel block, an odd number of channel blocks; every kernel size in use; blocks in a row;
    // sides of one pixel at the lowest level, of odd numbers, and of more than one chunk.
    private static readonly (NetworkDescription Network, int Batch, int Height, int Width)[] Samples =
    [
        (Describe(new([3, 9, 24, 40, 17], [1, 2, 3, 1, 2], [1, 3, 5, 7, 9]), channels: 1, outputs: 3), 1, 16, 48),
        (Describe(new([8, 16, 24, 8, 40], [1, 1, 2, 1, 1], [3, 3, 7, 7, 9]), channels: 3, outputs: 1), 2, 48, 80),
        (Describe(new([5, 4, 3, 2, 1], [2, 1, 1, 1, 1], [9, 7, 5, 3, 1]), channels: 2, outputs: 9), 1, 16, 272),
        (Describe(new([1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]), channels: 4, outputs: 2), 3, 16, 16),

        // Channels enough for Strassen's product, of pixels that do not fill it.
        (Describe(new([8, 16, 64, 80, 72], [1, 1, 1, 2, 2], [3, 3, 7, 7, 9]), channels: 1, outputs: 2), 1, 16, 48),
    ];

    [Fact]
    public void Any_configuration_and_size_equals_the_plain_network()
    {
        foreach ((NetworkDescription description, int batch, int height, int width) in Samples)
        {
            StateDict state = SampleNetwork.Weights(description);
            int size = description.Channels * height * width;
            float[] input = Formula.Input(7, batch * size);
            float[] expected = [.. Enumerable.Range(0, batch).SelectMany(i =>
                PlainNetwork.Forward(description, state, input[(i * size)..((i + 1) * size)], height, width)).Select(v => (float)v)];
            foreach (InstructionSet instructions in Enum.GetValues<InstructionSet>()
                .Where(CMUNeXt.Engine.Vectors.InstructionSets.IsSupported))
            {
                using ManagedNetwork network = new(description, state, threads: 2, instructions);
                Assert.InRange(Golden.RelativeDifference(expected, network.Forward(input, batch, height, width)), 0, 1e-5);
            }
        }
    }

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void What_is_not_a_number_or_infinite_shows_in_the_logits_of_its_image_and_of_no_other(InstructionSet instructions)
    {
        SkipUnlessSupported(instructions);
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using ManagedNetwork network = new(description, SampleNetwork.Weights(description), threads: 2, instructions);
        const int Side = 48;
        int image = description.Channels * Side * Side;
        float[] input = Formula.Input(7, 2 * image);
        float[] clean = network.Forward(input, 2, Side, Side);
        foreach (float value in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            foreach (int place in (int[])[0, 777, image - 1])
            {
                float[] spoiled = [.. input];
                spoiled[place] = value;
                float[] logits = network.Forward(spoiled, 2, Side, Side);
                Assert.False(float.IsFinite(logits[place % (Side * Side)]), $"{value} at {place}: {logits[place % (Side * Side)]}");
                Assert.Equal(clean[(Side * Side)..], logits[(Side * Side)..]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Images_leave_nothing_behind_for_the_next(InstructionSet instructions)
    {
        SkipUnlessSupported(instructions);
        foreach ((NetworkDescription description, int batch, int height, int width) in Samples)
        {
            using ManagedNetwork network = new(description, SampleNetwork.Weights(description), threads: 2, instructions);
            float[] input = Formula.Input(7, batch * description.Channels * height * width);
            float[] expected = network.Forward(input, batch, height, width);

            // Values so large that any of them, left in a margin or anywhere else, would show; then an image of another size.
            float[] large = network.Forward([.. input.Select(value => 1e15f * value)], batch, height, width);
            Assert.True(large.Max(MathF.Abs) > 1e10 * expected.Max(MathF.Abs));
            Assert.Equal(expected, network.Forward(input, batch, height, width));
            network.Forward(new float[description.Channels * 64 * 32], 1, 64, 32);
            Assert.Equal(expected, network.Forward(input, batch, height, width));
        }
    }

    [Theory]
    [MemberData(nameof(InstructionSets))]
    public void Results_do_not_depend_on_the_number_of_threads(InstructionSet instructions)
    {
        SkipUnlessSupported(instructions);
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict state = SampleNetwork.Weights(description);
        float[] input = Formula.Input(3, 3 * 144 * 80);
        using ManagedNetwork alone = new(description, state, threads: 1, instructions);
        float[] expected = alone.Forward(input, 1, 144, 80);
        foreach (int threads in (int[])[2, 3, 7])
        {
            using ManagedNetwork network = new(description, state, threads, instructions);
            Assert.Equal(expected, network.Forward(input, 1, 144, 80));
        }
    }

    [Fact]
    public void One_network_serves_many_calls_of_many_sizes_at_once()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using ManagedNetwork network = new(description, SampleNetwork.Weights(description), threads: 2);
        (int Height, int Width)[] sizes = [(32, 32), (48, 32), (64, 96)];
        float[][] expected = [.. sizes.Select(Compute)];
        bool[] agree = new bool[ManyCallers];
        Thread[] callers = [.. Enumerable.Range(0, ManyCallers).Select(caller => new Thread(() => agree[caller] =
            Enumerable.Range(caller, 60).All(i => Compute(sizes[i % sizes.Length]).AsSpan().SequenceEqual(expected[i % sizes.Length]))))];
        Array.ForEach(callers, static caller => caller.Start());
        Array.ForEach(callers, static caller => caller.Join());
        Assert.DoesNotContain(false, agree);

        float[] Compute((int Height, int Width) size) =>
            network.Forward(Formula.Input(3, 3 * size.Height * size.Width), 1, size.Height, size.Width);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_call_that_is_no_longer_wanted_stops_on_its_way(int threads)
    {
        // They are computed one after the other, and all of them take seconds.
        const int Images = 40_000;
        const int Side = 16;
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s", channels: 1);
        using ManagedNetwork network = new(description, SampleNetwork.Weights(description), threads);
        float[] input = new float[Images * Side * Side];
        float[] logits = new float[Images * Side * Side];
        Array.Fill(logits, float.NaN);
        using CancellationTokenSource stop = new();
        Task computing = Task.Factory.StartNew(
            () => network.Forward(input, Images, Side, Side, logits, stop.Token), CancellationToken.None,
            TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Wait.Until("logit of the first image", () => !float.IsNaN(Volatile.Read(ref logits[0])));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => computing);
        Assert.True(float.IsNaN(logits[^1]));
    }

    [Fact]
    public void A_call_that_is_no_longer_wanted_leaves_a_network_that_computes()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using ManagedNetwork network = new(description, SampleNetwork.Weights(description), threads: 2);
        float[] input = Formula.Input(3, 3 * 48 * 32);
        float[] expected = network.Forward(input, 1, 48, 32);
        for (int round = 0; round < 20; round++)
        {
            // Images without end, but for the token.
            using CancellationTokenSource stop = new();
            bool stopped = false;
            Thread caller = new(() =>
            {
                try
                {
                    while (true)
                    {
                        network.Forward(input, 1, 48, 32, stop.Token);
                    }
                }
                catch (OperationCanceledException)
                {
                    stopped = true;
                }
            });
            caller.Start();
            Thread.Sleep(1 + round);
            stop.Cancel();
            caller.Join();
            Assert.True(stopped);
            Assert.Equal(expected, network.Forward(input, 1, 48, 32, TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void Weights_that_do_not_fit_are_refused()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        Assert.Throws<ArgumentException>(() => new ManagedNetwork(description, SampleNetwork.Weights(NetworkCatalog.Describe("cmunext"))));
        Assert.Throws<ArgumentException>(
            () => new ManagedNetwork(new NetworkDescription { Name = "unet" }, SampleNetwork.Weights(description)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ManagedNetwork(description, SampleNetwork.Weights(description), threads: 0));

        Assert.Throws<PlatformNotSupportedException>(
            () => new ManagedNetwork(description, SampleNetwork.Weights(description), threads: null, instructions: (InstructionSet)7));

        NetworkDescription ablated = description with
        {
            Configuration = CMUNeXtConfiguration.Small with { Order = LayerOrder.NormalizationFirst },
        };
        Assert.False(ManagedNetwork.Supports(ablated));
        Assert.Throws<ArgumentException>(() => new ManagedNetwork(ablated, SampleNetwork.Weights(ablated)));
    }

    [Fact]
    public void Weights_of_another_type_and_at_any_place_in_a_file_are_read()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict state = SampleNetwork.Weights(description);
        float[] input = Formula.Input(3, 3 * 32 * 48);
        float[] expected = Compute(state);
        Assert.Equal(expected, Compute(new StateDict(state.Select(tensor => tensor.Type == ElementType.Float32
            ? new WeightTensor(
                tensor.Name, ElementType.Float64, tensor.Shape,
                tensor.ToSingles().SelectMany(v => BitConverter.GetBytes((double)v)).ToArray())
            : tensor))));
        Assert.Equal(expected, Compute(new StateDict(state.Select((tensor, i) =>
            new WeightTensor(
                tensor.Name, tensor.Type, tensor.Shape, new byte[i % 8].Concat(tensor.Data.ToArray()).ToArray().AsMemory(i % 8))))));

        float[] Compute(StateDict weights)
        {
            using ManagedNetwork network = new(description, weights);
            return network.Forward(input, 1, 32, 48);
        }
    }

    [Fact]
    public void Weights_are_not_kept_once_they_are_packed()
    {
        using ManagedNetwork network = Open(out WeakReference weights);
        GC.Collect();
        Assert.False(weights.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static ManagedNetwork Open(out WeakReference weights)
        {
            NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
            StateDict state = SampleNetwork.Weights(description);
            weights = new WeakReference(state);
            return new ManagedNetwork(description, state);
        }
    }

    [Fact]
    public void A_call_after_the_end_is_refused()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        ManagedNetwork network = new(description, SampleNetwork.Weights(description), threads: 1);
        network.Dispose();
        Assert.Throws<ObjectDisposedException>(() => network.Forward(new float[3 * 16 * 16], 1, 16, 16));
    }

    [Fact]
    public void Calls_that_are_under_way_at_the_end_compute_what_they_always_do()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict state = SampleNetwork.Weights(description);
        float[] input = Formula.Input(3, 4 * 3 * 32 * 48);
        CancellationToken stop = TestContext.Current.CancellationToken;
        using ManagedNetwork lasting = new(description, state, threads: 1);
        float[] expected = lasting.Forward(input, 4, 32, 48);
        for (int round = 0; round < 20; round++)
        {
            ManagedNetwork network = new(description, state, threads: 2);
            using Barrier start = new(ManyCallers + 1);
            int[] computed = new int[ManyCallers];
            Thread[] callers = [.. Enumerable.Range(0, ManyCallers).Select(caller => new Thread(() =>
            {
                start.SignalAndWait(stop);
                try
                {
                    while (network.Forward(input, 4, 32, 48).AsSpan().SequenceEqual(expected))
                    {
                        computed[caller]++;
                    }

                    computed[caller] = -1;
                }
                catch (ObjectDisposedException)
                {
                    // The end, as it should be.
                }
            }))];
            Array.ForEach(callers, caller => caller.Start());
            start.SignalAndWait(stop);
            Assert.True(SpinWait.SpinUntil(() => computed.Max() > round % 3 || computed.Min() < 0, TimeSpan.FromMinutes(1)));
            for (int i = 0; i < 3; i++)
            {
                network.Dispose();
            }

            Array.ForEach(callers, caller => caller.Join());
            Assert.DoesNotContain(-1, computed);
        }
    }

    [Theory]
    [InlineData("encoder1.block.0.0.fn.0.weight", float.NaN, "a value that is not a finite number")]
    [InlineData("Conv_1x1.bias", float.PositiveInfinity, "a value that is not a finite number")]
    [InlineData("Up_conv2.conv.8.running_mean", float.NegativeInfinity, "a value that is not a finite number")]
    [InlineData("stem.conv.1.running_var", -0.5f, "a variance below 0")]
    public void One_value_that_cannot_be_computed_with_is_refused_with_its_tensor(string name, float value, string fault)
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict state = new(SampleNetwork.Weights(description).Select(tensor =>
        {
            float[] values = tensor.ToSingles();
            values[^1] = value;
            return tensor.Name == name ? new WeightTensor(name, tensor.Shape, values) : tensor;
        }));
        ArgumentException e = Assert.Throws<ArgumentException>(() => new ManagedNetwork(description, state, threads: 1));
        Assert.Contains($"the tensor {name} holds {fault}", e.Message, StringComparison.Ordinal);
        BadFileException bad = Assert.Throws<BadFileException>(() => Segmenter.Load(new LoadedWeights("some.pth", state, null, default)));
        Assert.StartsWith("some.pth: ", bad.Message, StringComparison.Ordinal);
        Assert.Contains($"the tensor {name} holds {fault}", bad.Message, StringComparison.Ordinal);
        Assert.Equal(description, NetworkCatalog.Recognize(state));
    }

    private static NetworkDescription Describe(CMUNeXtConfiguration configuration, int channels, int outputs) =>
        new() { Name = "cmunext", Channels = channels, Outputs = outputs, Configuration = configuration };

    private static void SkipUnlessSupported(InstructionSet instructions) =>
        Assert.SkipUnless(CMUNeXt.Engine.Vectors.InstructionSets.IsSupported(instructions), $"This machine does not have {instructions}.");
}
