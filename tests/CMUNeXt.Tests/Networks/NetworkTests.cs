using CMUNeXt.Networks;

namespace CMUNeXt.Tests.Networks;

public sealed class NetworkTests
{
    [Theory]
    [InlineData(20, 33)]
    [InlineData(16, 17)]
    [InlineData(1, 1)]
    [InlineData(15, 48)]
    public void Another_size_is_padded_with_zeros_on_the_right_and_below_and_cropped_back(int height, int width)
    {
        using FakeNetwork network = new(channels: 3, outputs: 2);
        float[] input = Formula.Input(5, 2 * 3 * height * width);
        float[] logits = network.Forward(input, 2, height, width);

        int paddedHeight = (height + 15) / 16 * 16;
        int paddedWidth = (width + 15) / 16 * 16;
        Assert.Equal((2, paddedHeight, paddedWidth), network.Size);
        for (int plane = 0; plane < 6; plane++)
        {
            for (int y = 0; y < paddedHeight; y++)
            {
                for (int x = 0; x < paddedWidth; x++)
                {
                    float expected = y < height && x < width ? input[(((plane * height) + y) * width) + x] : 0;
                    Assert.Equal(expected, network.Input![(((plane * paddedHeight) + y) * paddedWidth) + x]);
                }
            }
        }

        Assert.Equal(2 * 2 * height * width, logits.Length);
        for (int i = 0; i < logits.Length; i++)
        {
            (int plane, int y, int x) = (i / (height * width), i / width % height, i % width);
            Assert.Equal((1000 * plane) + (100 * y) + x, logits[i]);
        }
    }

    [Fact]
    public void Logits_that_no_array_holds_are_the_callers_to_ask_for_in_parts()
    {
        using FakeNetwork network = new(1, 256, compute: _ => []);
        Assert.Contains(
            "more than an array holds",
            Assert.Throws<ArgumentException>(() => network.Forward(new float[3000 * 3000], 1, 3000, 3000)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_multiple_of_sixteen_goes_through_as_it_is()
    {
        using FakeNetwork network = new(channels: 1, outputs: 1);
        float[] input = Formula.Input(6, 32 * 16);
        Assert.Equal(32 * 16, network.Forward(input, 1, 32, 16).Length);
        Assert.Equal(input, network.Input);
        Assert.Equal((1, 32, 16), network.Size);
    }

    [Theory]
    [InlineData("unext", 33, 48, 64, 64)]
    [InlineData("unetpp", 32, 16, 32, 32)]
    [InlineData("unet", 33, 48, 48, 48)]
    [InlineData("swinunet", 224, 224, 224, 224)]
    public void A_network_is_given_the_multiple_that_it_needs(string name, int height, int width, int paddedHeight, int paddedWidth)
    {
        using FakeNetwork network = new(channels: 1, outputs: 1, name);
        Assert.Equal(height * width, network.Forward(new float[height * width], 1, height, width).Length);
        Assert.Equal((1, paddedHeight, paddedWidth), network.Size);
    }

    [Fact]
    public void A_network_of_one_size_refuses_others_with_both_sizes()
    {
        using FakeNetwork network = new(channels: 1, outputs: 1, "swinunet");
        ArgumentException e = Assert.Throws<ArgumentException>(() => network.Forward(new float[256 * 224], 1, 224, 256));
        Assert.Contains("224 x 224 pixels, not 256 x 224", e.Message, StringComparison.Ordinal);
        Assert.Null(network.Input);
    }

    [Fact]
    public void A_prepared_call_computes_again_what_forward_does()
    {
        using FakeNetwork network = new(channels: 1, outputs: 2, compute: input => [.. input.Select(v => v + 1)]);
        float[] input = Formula.Input(6, 32 * 16);
        using PreparedCall call = network.Prepare(input, 1, 32, 16);
        call.Run();
        Assert.Equal(network.Forward(input, 1, 32, 16), call.CopyLogits());
        input[0] = 7;
        call.Run();
        Assert.Equal(8, call.CopyLogits()[0]);
        Assert.Throws<ArgumentException>(() => network.Prepare(input, 1, 16, 16));
        Assert.Contains(
            "a multiple of 16", Assert.Throws<ArgumentException>(() => network.Prepare(input, 1, 64, 8)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_backend_holds_is_given_back_when_the_last_call_ends()
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        using SemaphoreSlim begun = new(0);
        using SemaphoreSlim go = new(0);
        FakeNetwork network = new(channels: 1, outputs: 1, compute: input =>
        {
            begun.Release();
            go.Wait(stop);
            return input;
        });
        float[] input = Formula.Input(6, 16 * 16);
        PreparedCall prepared = network.Prepare(input, 1, 16, 16);
        float[][] computed = new float[2][];
        Thread forward = new(() => computed[0] = network.Forward(input, 1, 16, 16));
        Thread run = new(() =>
        {
            prepared.Run();
            computed[1] = prepared.CopyLogits();
        });
        forward.Start();
        run.Start();
        begun.Wait(stop);
        begun.Wait(stop);

        network.Dispose();
        network.Dispose();
        Assert.Equal(0, network.Disposals);
        Assert.Throws<ObjectDisposedException>(() => network.Forward(input, 1, 16, 16));
        Assert.Throws<ObjectDisposedException>(() => network.Prepare(input, 1, 16, 16));
        Assert.Throws<ObjectDisposedException>(prepared.Run);
        Assert.Equal(0, network.Disposals);

        go.Release(2);
        forward.Join();
        run.Join();
        Assert.Equal(1, network.Disposals);
        Assert.All(computed, logits => Assert.Equal(input, logits));
        network.Dispose();
        Assert.Equal(1, network.Disposals);
    }

    [Fact]
    public void A_call_that_fails_is_over_too()
    {
        FakeNetwork network = new(channels: 1, outputs: 1, compute: input => throw new InvalidOperationException());
        Assert.Throws<InvalidOperationException>(() => network.Forward(new float[16 * 16], 1, 16, 16));
        network.Dispose();
        Assert.Equal(1, network.Disposals);
    }

    [Theory]
    [InlineData(0, 16, 16)]
    [InlineData(-1, -16, 16)]
    [InlineData(1, -16, -16)]
    public void Numbers_below_one_are_refused(int batch, int height, int width)
    {
        using FakeNetwork network = new(channels: 1, outputs: 1);
        Assert.Throws<ArgumentException>(() => network.Forward(new float[batch * height * width], batch, height, width));
    }

    [Fact]
    public void An_input_of_another_length_is_refused_with_both_lengths()
    {
        using FakeNetwork network = new(channels: 3, outputs: 1);
        ArgumentException e = Assert.Throws<ArgumentException>(() => network.Forward(new float[100], 1, 16, 16));
        Assert.Contains("1 x 3 x 16 x 16 needs 768 values, not 100", e.Message, StringComparison.Ordinal);
        Assert.Null(network.Input);
    }
}
