using CMUNeXt.Networks;

namespace CMUNeXt.Tests;

/// <summary>
/// A network that remembers its input, and whose logit at (x, y) is 1000 x plane + 100 y + x, or what a function makes of the input.
/// </summary>
internal sealed class FakeNetwork(
    int channels, int outputs, string name = "fake", Func<float[], float[]>? compute = null, Turns? turns = null)
    : Network(new NetworkDescription { Name = name, Channels = channels, Outputs = outputs }, turns)
{
    public float[]? Input { get; private set; }

    public (int Batch, int Height, int Width) Size { get; private set; }

    /// <summary>How often it gave back what it held.</summary>
    public int Disposals { get; private set; }

    public override string Backend => "fake";

    protected override void Dispose(bool disposing)
    {
        Disposals++;
        base.Dispose(disposing);
    }

    protected override void Compute(
        ReadOnlySpan<float> input, int batch, int height, int width, Span<float> logits, CancellationToken cancellation)
    {
        Input = input.ToArray();
        Size = (batch, height, width);
        float[] computed = compute?.Invoke(Input) ?? [.. Enumerable.Range(0, batch * Description.Outputs * height * width)
            .Select(i => (float)((1000 * (i / (height * width))) + (100 * (i / width % height)) + (i % width)))];
        computed.CopyTo(logits);
    }
}
