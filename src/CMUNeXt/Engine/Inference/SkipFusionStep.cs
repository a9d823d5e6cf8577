using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// A Skip-Fusion block, whole, for some tiles at a time: the 3x3 convolution in two groups, GELU, the bottleneck (the normalization between
/// them is part of its first product). What then follows is a normalization, or at the end of the network the head, which has it folded in.
/// </summary>
internal sealed unsafe class SkipFusionStep<TSimd, TVector> : WinogradStep<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public required Bottleneck<TSimd, TVector> Bottleneck { get; init; }

    /// <summary>The result, unless there is a <see cref="Head"/>.</summary>
    public required FeatureMap Output { get; init; }

    public required PerChannel Scale { get; init; }

    public required PerChannel Shift { get; init; }

    /// <summary>The last 1x1 convolution; null but at the end of the network.</summary>
    public PackedMatrix? Head { get; init; }

    /// <summary>The number of planes of logits.</summary>
    public int Outputs { get; init; }

    /// <summary>Outputs x height x width logits; set for each image.</summary>
    public float* Logits { get; set; }

    public override long MultiplyAdds =>
        base.MultiplyAdds + ((Bottleneck.MultiplyAdds + (Head?.MultiplyAdds ?? 0)) * Input.Height * Input.Width);

    public override long Bytes => base.Bytes + Bottleneck.Bytes
        + (Head is null ? Output.Bytes : Head.Bytes + ((long)Outputs * Input.Height * Input.Width * sizeof(float)));

    protected override nint EpilogueScratch =>
        Bottleneck.Scratch(Bottleneck.Chunk) + (Bottleneck.OutputBlocks * OutputBlockStride)
            + ((Head?.OutputBlocks ?? 0) * OutputBlockStride);

    protected override void Activate(float* values, nint count) => TSimd.Gelu(values, count);

    protected override void Finish(int firstTile, int tiles, int firstBlock, int blocks, float* output, float* scratch)
    {
        float* z = scratch + Bottleneck.Scratch(Bottleneck.Chunk);
        int pixels = RoundUp(tiles * 16, Bottleneck.PixelStep);
        for (int first = 0; first < pixels; first += Bottleneck.Chunk)
        {
            Bottleneck.Run(
                output + (first * 8), OutputBlockStride, Math.Min(Bottleneck.Chunk, pixels - first), scratch, z + (first * 8),
                OutputBlockStride);
        }

        if (Head is null)
        {
            Store(firstTile, tiles, z);
        }
        else
        {
            float* logits = z + (Bottleneck.OutputBlocks * OutputBlockStride);
            Head.Multiply<TSimd, TVector>(z, OutputBlockStride, pixels, logits, OutputBlockStride);
            StoreLogits(firstTile, tiles, logits);
        }
    }

    private void Store(int firstTile, int tiles, float* z)
    {
        for (int block = 0; block < Output.Blocks; block++)
        {
            for (int t = 0; t < tiles; t++)
            {
                (int y, int x, int rows, int columns) = Place(firstTile + t);
                float* tile = z + (block * OutputBlockStride) + (t * 128);
                for (int r = 0; r < rows; r++)
                {
                    Elementwise<TSimd, TVector>.Affine(
                        tile + (r * 32), Output.At(block, y + r, x), columns, Scale.At(block), Shift.At(block));
                }
            }
        }
    }

    private void StoreLogits(int firstTile, int tiles, float* logits)
    {
        nint plane = (nint)Input.Height * Input.Width;
        for (int output = 0; output < Outputs; output++)
        {
            for (int t = 0; t < tiles; t++)
            {
                (int y, int x, int rows, int columns) = Place(firstTile + t);
                float* tile = logits + (output / 8 * OutputBlockStride) + (output % 8) + (t * 128);
                for (int r = 0; r < rows; r++)
                {
                    float* target = Logits + (output * plane) + ((nint)(y + r) * Input.Width) + x;
                    for (int c = 0; c < columns; c++)
                    {
                        target[c] = tile[(r * 32) + (c * 8)];
                    }
                }
            }
        }
    }
}
