using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CMUNeXt.Engine.Inference;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Tests.Weights;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests;

public sealed class SegmenterTests
{
    private static readonly Preprocessing Small = Preprocessing.Published with { Width = 32, Height = 16 };

    [Fact]
    public void The_network_sees_the_preprocessed_image_and_the_mask_has_the_images_size()
    {
        // The logit is the red channel of the input: bright red is foreground.
        using FakeNetwork network = new(3, 1, compute: input => input[(2 * 32 * 16)..]);
        byte[] pixels = new byte[64 * 48 * 3];
        for (int i = 0; i < 64 * 48; i++)
        {
            pixels[3 * i] = i % 64 < 32 ? (byte)255 : (byte)0;
        }

        Image image = new(64, 48, 3, pixels);
        Segmentation found = new Segmenter(network, Small).Segment(image);
        float[] expected = new float[3 * 32 * 16];
        Small.Apply(image, expected);

        Assert.Equal(expected, network.Input);
        Assert.Equal((64, 48), (found.Width, found.Height));
        Assert.Equal(Enumerable.Range(0, 64 * 48).Select(i => i % 64 < 32 ? (byte)1 : (byte)0), found.Mask.Pixels);
    }

    [Fact]
    public void Logits_have_the_networks_size_and_the_threshold_is_used()
    {
        using FakeNetwork network = new(3, 1, compute: input => [.. Enumerable.Repeat(1f, 32 * 16)]);
        Image image = new(5, 4, 1, new byte[20]);

        Assert.Equal(32 * 16, new Segmenter(network, Small).ComputeLogits(image).Length);
        double probability = 1 / (1 + Math.Exp(-1));
        Assert.Equal(20, new Segmenter(network, Small, probability - 1e-4).Segment(image).Mask.Area());
        Assert.Equal(0, new Segmenter(network, Small, probability + 1e-4).Segment(image).Mask.Area());
    }

    [Fact]
    public void A_size_of_the_preprocessing_that_is_no_multiple_of_sixteen_comes_back_cropped()
    {
        using FakeNetwork network = new(3, 2);
        Preprocessing odd = Preprocessing.Published with { Width = 20, Height = 10 };
        Assert.Equal(2 * 20 * 10, new Segmenter(network, odd).ComputeLogits(new Image(3, 3, 1, new byte[9])).Length);
        Assert.Equal((1, 16, 32), network.Size);
    }

    [Fact]
    public async Task Callers_that_wait_for_their_turn_are_no_more_than_said_at_once_and_find_the_same()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        int computing = 0;
        int most = 0;
        using FakeNetwork network = new(3, 1, turns: new Turns(3, TimeSpan.FromSeconds(10)), compute: input =>
        {
            int now = Interlocked.Increment(ref computing);
            lock (Small)
            {
                most = Math.Max(most, now);
            }

            Thread.Sleep(1);
            Interlocked.Decrement(ref computing);
            return input[..(32 * 16)];
        });
        Segmenter segmenter = new(network, Small);
        Image image = new(64, 48, 1, [.. Enumerable.Range(0, 64 * 48).Select(i => (byte)(i % 64 * 4))]);
        byte[] expected = segmenter.Segment(image, stop).Mask.Pixels;
        Segmentation[] found = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
            i % 2 == 0 ? segmenter.SegmentAsync(image, stop) : Task.Run(() => segmenter.Segment(image), stop)));
        Assert.All(found, segmentation => Assert.Equal(expected, segmentation.Mask.Pixels));
        Assert.InRange(most, 1, 3);
        Assert.Contains((byte)1, expected);
    }

    [Fact]
    public async Task Many_images_are_segmented_in_their_order_and_none_is_under_way_when_the_caller_leaves()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        int taken = 0;
        int computing = 0;
        using FakeNetwork network = new(3, 1, compute: input =>
        {
            Interlocked.Increment(ref computing);
            Thread.Sleep((int)(input[0] * 1000) & 3);
            Interlocked.Decrement(ref computing);
            return [.. Enumerable.Repeat(input[0], 32 * 16)];
        });
        Segmenter segmenter = new(network, Small, 0);
        List<double> found = [];
        await foreach (Segmentation segmentation in segmenter.SegmentAsync(Images(), stop))
        {
            found.Add(segmentation.Presence);
            Assert.InRange(taken, found.Count, found.Count + Environment.ProcessorCount);
        }

        // A double has no more to do than to segment one image.
        ISegmenter doubled = new Double();
        Assert.Equal(50, await doubled.SegmentAsync(Images(), stop).CountAsync(stop));

        Assert.Equal(50, found.Count);
        Assert.Equal(found.Order(), found);
        Assert.Equal(50, found.Distinct().Count());
        await foreach (Segmentation _ in segmenter.SegmentAsync(Images(), stop))
        {
            break;
        }

        Assert.Equal(0, computing);

        async IAsyncEnumerable<Image> Images()
        {
            taken = 0;
            for (int i = 0; i < 50; i++)
            {
                await Task.Yield();
                taken++;
                yield return new Image(8, 8, 1, [.. Enumerable.Repeat((byte)(4 * i), 64)]);
            }
        }
    }

    [Fact]
    public async Task Where_a_source_fails_the_images_before_have_their_results()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Double doubled = new() { Before = _ => failed.Task };
        int found = 0;
        await Assert.ThrowsAsync<EndOfStreamException>(async () =>
        {
            await foreach (Segmentation _ in ((ISegmenter)doubled).SegmentAsync(Images(), stop))
            {
                found++;
            }
        });
        Assert.Equal(1, found);

        // The first result is there only after the failure.
        async IAsyncEnumerable<Image> Images()
        {
            yield return new Image(8, 8, 1, new byte[64]);
            await Task.Yield();
            _ = Task.Delay(50, stop).ContinueWith(_ => failed.SetResult(), stop, TaskContinuationOptions.None, TaskScheduler.Default);
            throw new EndOfStreamException();
        }
    }

    [Fact]
    public async Task A_source_may_wait_for_the_result_of_one_image_before_it_gives_the_next()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using FakeNetwork network = new(3, 1, compute: input => [.. Enumerable.Repeat(input[0], 32 * 16)]);
        Segmenter segmenter = new(network, Small, 0);
        Channel<int> answers = Channel.CreateUnbounded<int>();
        Task<int> all = Count();
        Assert.Equal(5, await all.WaitAsync(TimeSpan.FromMinutes(1), stop));

        async Task<int> Count()
        {
            int found = 0;
            await foreach (Segmentation _ in segmenter.SegmentAsync(Images(), stop))
            {
                answers.Writer.TryWrite(++found);
            }

            return found;
        }

        async IAsyncEnumerable<Image> Images()
        {
            for (int i = 1; i <= 5; i++)
            {
                yield return new Image(8, 8, 1, new byte[64]);
                Assert.Equal(i, await answers.Reader.ReadAsync(stop));
            }
        }
    }

    [Fact]
    public async Task Who_leaves_is_not_held_by_a_source_that_waits_and_the_source_is_told()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using FakeNetwork network = new(3, 1, compute: input => [.. Enumerable.Repeat(input[0], 32 * 16)]);
        Segmenter segmenter = new(network, Small, 0);
        TaskCompletionSource next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<bool> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await Leave().WaitAsync(TimeSpan.FromMinutes(1), stop);
        Assert.False(ended.Task.IsCompleted);
        next.SetResult();
        Assert.True(await ended.Task.WaitAsync(TimeSpan.FromMinutes(1), stop));

        async Task Leave()
        {
            await foreach (Segmentation _ in segmenter.SegmentAsync(Images(), stop))
            {
                break;
            }
        }

        async IAsyncEnumerable<Image> Images([EnumeratorCancellation] CancellationToken left = default)
        {
            try
            {
                yield return new Image(8, 8, 1, new byte[64]);
                await next.Task;
                yield return new Image(8, 8, 1, new byte[64]);
            }
            finally
            {
                ended.SetResult(left.IsCancellationRequested);
            }
        }
    }

    [Fact]
    public async Task Who_leaves_is_not_held_by_images_that_are_under_way()
    {
        Assert.SkipUnless(Environment.ProcessorCount > 1, "With one core no two images are under way.");
        CancellationToken stop = TestContext.Current.CancellationToken;
        int called = 0;
        int ended = 0;
        TaskCompletionSource second = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Double doubled = new() { Before = Before };
        await Leave().WaitAsync(TimeSpan.FromMinutes(1), stop);
        Assert.Equal(2, called);
        Assert.Equal(1, ended);

        async Task Leave()
        {
            await foreach (Segmentation _ in ((ISegmenter)doubled).SegmentAsync(Images(), stop))
            {
                break;
            }
        }

        // The first is there once the second is under way, and that is never.
        async Task Before(CancellationToken cancellation)
        {
            if (++called == 1)
            {
                await second.Task;
                return;
            }

            second.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            finally
            {
                ended++;
            }
        }

        async IAsyncEnumerable<Image> Images()
        {
            yield return new Image(8, 8, 1, new byte[64]);
            yield return new Image(8, 8, 1, new byte[64]);
            await second.Task;
        }
    }

    [Theory]
    [InlineData("source")]
    [InlineData("deaf source")]
    [InlineData("segmenter")]
    public async Task Whatever_is_waited_for_the_callers_own_token_ends_it(string waiting)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using CancellationTokenSource own = new();
        TaskCompletionSource never = new();
        TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Double doubled = new() { Before = Before };
        Task counting = ((ISegmenter)doubled).SegmentAsync(Images(), own.Token).CountAsync(own.Token).AsTask();
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), stop);
        await own.CancelAsync();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => counting.WaitAsync(TimeSpan.FromMinutes(1), stop));
        Assert.Equal(own.Token, e.CancellationToken);

        async Task Before(CancellationToken cancellation)
        {
            if (waiting == "segmenter")
            {
                begun.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            }
        }

        async IAsyncEnumerable<Image> Images([EnumeratorCancellation] CancellationToken left = default)
        {
            yield return new Image(8, 8, 1, new byte[64]);
            if (waiting != "segmenter")
            {
                begun.SetResult();
                await (waiting == "source" ? never.Task.WaitAsync(left) : never.Task);
            }
        }
    }

    private sealed class Double : ISegmenter
    {
        public Func<CancellationToken, Task>? Before { get; init; }

        public Segmentation Segment(PixelBuffer pixels, CancellationToken cancellation = default) =>
            Segmentation.FromProbability(pixels.Width, pixels.Height, new float[pixels.Width * pixels.Height]);

        public Segmentation Segment(Image image, CancellationToken cancellation = default) => Segment(new PixelBuffer(image), cancellation);

        public async Task<Segmentation> SegmentAsync(Image image, CancellationToken cancellation = default)
        {
            await (Before?.Invoke(cancellation) ?? Task.CompletedTask);
            return Segment(image, cancellation);
        }
    }

    [Fact]
    public async Task A_caller_that_leaves_while_it_waits_is_not_computed()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using SemaphoreSlim begun = new(0);
        using SemaphoreSlim go = new(0);
        int computed = 0;
        using FakeNetwork network = new(3, 1, turns: new Turns(1, TimeSpan.FromSeconds(10)), compute: input =>
        {
            begun.Release();
            go.Wait(stop);
            computed++;
            return new float[32 * 16];
        });
        Segmenter segmenter = new(network, Small);
        Image image = new(64, 48, 1, new byte[64 * 48]);
        using CancellationTokenSource leaves = new();
        Task first = segmenter.SegmentAsync(image, stop);
        await begun.WaitAsync(stop);
        Task leaving = segmenter.SegmentAsync(image, leaves.Token);
        Task last = segmenter.SegmentAsync(image, stop);
        await leaves.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => leaving);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => segmenter.SegmentAsync(image, leaves.Token));
        Assert.Throws<OperationCanceledException>(() => segmenter.Segment(image, leaves.Token));
        go.Release(2);
        await first;
        await last;
        Assert.Equal(2, computed);
    }

    [Fact]
    public void A_preprocessing_of_other_channels_is_refused()
    {
        using FakeNetwork network = new(1, 1);
        ArgumentException e = Assert.Throws<ArgumentException>(() => new Segmenter(network, Small));
        Assert.Contains("gives 3 channels, and the network takes 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preprocessing_of_a_size_that_the_network_never_takes_is_refused()
    {
        using FakeNetwork network = new(3, 1, "swinunet");
        ArgumentException e = Assert.Throws<ArgumentException>(() => new Segmenter(network, Small));
        Assert.Contains("224 x 224", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_file_is_loaded_with_its_preprocessing_and_threshold_and_segments_pixels_in_memory()
    {
        using TemporaryFolder folder = new();
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        StateDict state = SampleNetwork.Weights(network);
        Preprocessing preprocessing = Preprocessing.Published with { Width = 48, Height = 32, Order = ChannelOrder.Rgb };
        byte[] rgb = new byte[70 * 50 * 3];
        new Random(5).NextBytes(rgb);
        byte[] bgra = new byte[70 * 50 * 4];
        for (int i = 0; i < 70 * 50; i++)
        {
            (bgra[4 * i], bgra[(4 * i) + 1], bgra[(4 * i) + 2]) = (rgb[(3 * i) + 2], rgb[(3 * i) + 1], rgb[3 * i]);
        }

        // A threshold that half of the pixels are above.
        using ManagedNetwork expectedNetwork = new(network, state, threads: 1);
        Image image = new(70, 50, 3, rgb);
        float[] probabilities = new Segmenter(expectedNetwork, preprocessing).Segment(image).Probabilities[0];
        float threshold = probabilities.Order().ElementAt(70 * 50 / 2);
        Mask expected = new Segmenter(expectedNetwork, preprocessing, threshold).Segment(image).Mask;
        string path = folder.File("some.safetensors");
        WeightsFile.Save(
            path, state, new() { Network = network, Preprocessing = preprocessing, Threshold = threshold, Classes = ["cyst"] });

        using Segmenter segmenter = Segmenter.Load(path, new() { Threads = 2 });
        Assert.Equal(("cmunext-s", (double)threshold, preprocessing), (segmenter.Model, segmenter.Threshold, segmenter.Preprocessing));
        Assert.Equal(["cyst"], segmenter.Classes);
        Assert.Equal(expectedNetwork.Engine, segmenter.Engine);
        Assert.Equal(WeightsFile.Load(path).Sha256, SegmentationReport.Of("a", segmenter.Segment(image), segmenter).WeightsSha256);
        Segmentation found = segmenter.Segment(new PixelBuffer(bgra, 70, 50, 4 * 70, PixelFormat.Bgra32));
        Assert.Equal(probabilities, found.Probabilities[0]);
        Assert.Equal(expected.Pixels, found.Mask.Pixels);
        Assert.Equal(probabilities.Count(p => p > threshold), found.Area);
        Assert.Equal(found.Area, found.Lesions.Sum(lesion => lesion.Area));
        Assert.InRange(found.Area, 70 * 50 / 4, 70 * 50 * 3 / 4);

        using Segmenter other = Segmenter.Load(WeightsFile.Load(path), new() { Threshold = probabilities.Min() });
        Assert.Equal((70 * 50) - probabilities.Count(p => p == probabilities.Min()), other.Segment(image).Area);
    }

    [Fact]
    public void Lesions_have_a_confidence_where_the_weights_are_calibrated_and_their_threshold_is_kept()
    {
        NetworkDescription network = NetworkCatalog.Describe("cmunext-s");
        LesionCalibration calibration = new() { Intercept = 0.5, Slope = 2, ShareSlope = 0.25, Lesions = 40 };
        WeightsMetadata metadata = new()
        {
            Network = network,
            Preprocessing = Preprocessing.Published with { Width = 48, Height = 32 },
            Threshold = 0.001,
        };
        StateDict state = SampleNetwork.Weights(network);
        Image image = new(48, 32, 1, new byte[48 * 32]);

        Segmentation calibrated = Segment(metadata with { Calibration = calibration }, null);
        Assert.NotEmpty(calibrated.Lesions);
        Assert.All(calibrated.Lesions, lesion => Assert.Equal(Confidence(lesion), lesion.Confidence));
        Assert.Equal(
            Confidence(calibrated.Lesions[0]), Assert.Single(calibrated.FindLesions(calibrated.Mask.WithLargestOnly())).Confidence);
        AssertWithoutConfidence(Segment(metadata, null));
        AssertWithoutConfidence(Segment(metadata with { Calibration = calibration }, 0.002));

        static void AssertWithoutConfidence(Segmentation found)
        {
            Assert.NotEmpty(found.Lesions);
            Assert.All(found.Lesions, lesion => Assert.Null(lesion.Confidence));
        }

        double Confidence(Lesion lesion) => calibration.Confidence(lesion.MeanProbability, (double)lesion.Area / calibrated.Area);

        Segmentation Segment(WeightsMetadata described, double? threshold)
        {
            using Segmenter segmenter = Segmenter.Load(
                new LoadedWeights("x", state, described, default), new() { Threads = 1, Threshold = threshold });
            return segmenter.Segment(image);
        }
    }

    [Fact]
    public void A_loaded_segmenter_disposes_of_its_network_and_another_leaves_it_alone()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        using FakeNetwork network = new(3, 1);
        new Segmenter(network, Small).Dispose();
        Assert.Equal(0, network.Disposals);

        Segmenter loaded = Segmenter.Load(new LoadedWeights("x", SampleNetwork.Weights(description), null, default), new() { Threads = 1 });
        loaded.Dispose();
        Assert.Throws<ObjectDisposedException>(() => loaded.Segment(new Image(1, 1, 1, new byte[1])));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void A_threshold_that_is_no_probability_is_refused(double threshold)
    {
        using FakeNetwork network = new(3, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Segmenter(network, Small, threshold));
        LoadedWeights weights = new("x", SampleNetwork.Weights(NetworkCatalog.Describe("cmunext-s")), null, default);
        Assert.Throws<ArgumentOutOfRangeException>(() => Segmenter.Load(weights, new() { Threads = 1, Threshold = threshold }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Segmenter.Load(weights, new() { Threads = 0 }));
    }

    [Fact]
    public void A_preprocessing_and_a_network_that_are_not_possible_are_refused()
    {
        using FakeNetwork network = new(3, 1);
        (Preprocessing Preprocessing, string Fault)[] faults =
        [
            (Small with { Mean = [0.5] }, "the mean is 3 numbers"),
            (Small with { StandardDeviation = [0.5, 0.5] }, "the standard deviation (std) is 3 numbers"),
            (Small with { Divisor = 0 }, "the divisor is above 0"),
            (Small with { Width = 0 }, "not 0 x 16"),
        ];
        foreach ((Preprocessing preprocessing, string fault) in faults)
        {
            Assert.Contains(
                fault, Assert.Throws<ArgumentException>(() => new Segmenter(network, preprocessing)).Message, StringComparison.Ordinal);
            ArgumentException e = Assert.Throws<ArgumentException>(
                () => preprocessing.Apply(new Image(1, 1, 1, new byte[1]), new float[3 * 32 * 16]));
            Assert.Contains(fault, e.Message, StringComparison.Ordinal);
        }

        ArgumentException large = Assert.Throws<ArgumentException>(() => new Segmenter(network, Small with { Width = 16, Height = 4112 }));
        Assert.Contains("to 4096 x 4096 pixels, not 16 x 4112", large.Message, StringComparison.Ordinal);
        using FakeNetwork many = new(3, 257);
        Assert.Contains(
            "from 1 to 256", Assert.Throws<ArgumentException>(() => new Segmenter(many, Small)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void Logits_that_are_no_finite_numbers_are_no_segmentation(float value)
    {
        using FakeNetwork network = new(
            3, 1, compute: input => [.. Enumerable.Range(0, input.Length / 3).Select(i => i == 7 ? value : -1)]);
        using Segmenter segmenter = new(network, Small);
        Assert.Throws<NotFiniteNumberException>(() => segmenter.Segment(new Image(1, 1, 1, new byte[1])));
        Assert.Throws<NotFiniteNumberException>(() => segmenter.ComputeLogits(new Image(1, 1, 1, new byte[1])));
        Assert.Throws<NotFiniteNumberException>(() => segmenter.Decide([.. Enumerable.Repeat(0f, (32 * 16) - 1), float.NaN], 8, 8));
    }

    [Theory]
    [InlineData(1e20f)]
    [InlineData(-1e20f)]
    public void Weights_that_are_finite_but_whose_logits_are_not_are_refused_when_they_are_opened(float value)
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s");
        StateDict hostile = new(SampleNetwork.Weights(description).Select(tensor => tensor.Type == ElementType.Float32
            ? new WeightTensor(
                tensor.Name, tensor.Shape,
                [.. tensor.ToSingles().Select(
                    (_, i) => tensor.Name.EndsWith("running_var", StringComparison.Ordinal) || i % 2 == 0 ? MathF.Abs(value) : value)])
            : tensor));
        BadFileException e = Assert.Throws<BadFileException>(() => Segmenter.Load(new LoadedWeights("x", hostile, null, default)));
        Assert.Contains("its values are finite", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_the_engine_does_not_compute_are_refused()
    {
        NetworkDescription description = NetworkCatalog.Describe("cmunext-s") with
        {
            Configuration = CMUNeXtConfiguration.Small with { Fusion = FusionBlock.Plain },
        };
        LoadedWeights ablated = new("x", SampleNetwork.Weights(description), null, default);
        Assert.Contains(
            "open it with a backend that does", Assert.Throws<BadFileException>(() => Segmenter.Load(ablated)).Message,
            StringComparison.Ordinal);
    }
}
