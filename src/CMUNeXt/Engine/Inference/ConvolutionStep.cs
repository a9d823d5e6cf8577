using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>The 3x3 convolution at the end of an encoder, its normalization folded in, ReLU, and the 2x2 pooling of the result.</summary>
internal sealed unsafe class ConvolutionStep<TSimd, TVector> : WinogradStep<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    public required FeatureMap Output { get; init; }

    /// <summary>Half as high and as wide; null after the last encoder.</summary>
    public required FeatureMap? Pooled { get; init; }

    public override long Bytes => base.Bytes + Output.Bytes + (Pooled?.Bytes ?? 0);

    // Parts enough for a few threads, each of at least one panel.
    protected override int Parts => Math.Min(Ceiling(4, Chunks), Ceiling(Output.Blocks, TSimd.PanelBlocks));

    protected override nint EpilogueScratch => 0;

    protected override void Activate(float* values, nint count) => Elementwise<TSimd, TVector>.Relu(values, values, (int)count / 8);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Finish(int firstTile, int tiles, int firstBlock, int blocks, float* output, float* scratch)
    {
        for (int t = 0; t < tiles; t++)
        {
            (int y, int x, int rows, int columns) = Place(firstTile + t);
            for (int block = firstBlock; block < firstBlock + blocks; block++)
            {
                float* tile = output + ((block - firstBlock) * OutputBlockStride) + (t * 128);
                Elementwise<TSimd, TVector>.CopyTile(tile, Output.At(block, y, x), Output.RowStride, rows, columns);
                if (Pooled is { } pooled)
                {
                    Elementwise<TSimd, TVector>.MaxPoolTile(tile, pooled.At(block, y / 2, x / 2), pooled.RowStride, rows / 2, columns / 2);
                }
            }
        }
    }
}
