using CMUNeXt.Engine.Simd;

namespace CMUNeXt.Engine.Steps;

/// <summary>The 3x3 convolution at the end of an encoder, its normalisation folded in, ReLU, and the 2x2 pooling of the result.</summary>
internal sealed unsafe class ConvolutionStep<TSimd, TVector> : WinogradStep<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public required FeatureMap Output { get; init; }

    /// <summary>Half as high and as wide; null after the last encoder.</summary>
    public required FeatureMap? Pooled { get; init; }

    // Parts enough for a few threads, each of at least one panel.
    protected override int Parts => Math.Min(Ceiling(4, Chunks), Ceiling(Output.Octets, TSimd.PanelOctets));

    protected override nint EpilogueScratch => 0;

    protected override void Finish(int firstTile, int tiles, int firstOctet, int octets, float* output, float* scratch)
    {
        for (int octet = firstOctet; octet < firstOctet + octets; octet++)
        {
            for (int t = 0; t < tiles; t++)
            {
                (int y, int x, int rows, int columns) = Place(firstTile + t);
                float* tile = output + ((octet - firstOctet) * OutputOctet) + (t * 128);
                Elementwise<TSimd, TVector>.Relu(tile, tile, 16);
                for (int r = 0; r < rows; r++)
                {
                    new ReadOnlySpan<float>(tile + (r * 32), columns * 8).CopyTo(new Span<float>(Output.At(octet, y + r, x), columns * 8));
                }

                if (Pooled is { } pooled)
                {
                    for (int r = 0; r < rows / 2; r++)
                    {
                        Elementwise<TSimd, TVector>.MaxPool(
                            tile + (r * 64), tile + (r * 64) + 32, pooled.At(octet, (y / 2) + r, x / 2), columns / 2);
                    }
                }
            }
        }
    }
}
