using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// One block of an encoder, whole, for a few pixels at a time: depthwise convolution, GELU, normalization, residual, bottleneck,
/// normalization. A task is some rows, or one.
/// </summary>
internal sealed unsafe class LargeKernelStep<TSimd, TVector> : CountedStep
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private (int Rows, int Columns, int Pixels) chunk;

    public required FeatureMap Input { get; init; }

    public required FeatureMap Output { get; init; }

    public required int Kernel { get; init; }

    /// <summary>For each channel block kernel x kernel times sixteen values.</summary>
    public required PerChannel Weights { get; init; }

    public required PerChannel Bias { get; init; }

    public required PerChannel Scale { get; init; }

    public required PerChannel Shift { get; init; }

    public required Bottleneck<TSimd, TVector> Bottleneck { get; init; }

    public required PerChannel OutputScale { get; init; }

    public required PerChannel OutputShift { get; init; }

    public override int Tasks => Ceiling(Input.Height, Rows);

    public override nint Scratch => ((nint)(Input.Blocks + Output.Blocks) * Stride) + Bottleneck.Scratch(Chunk.Pixels);

    public override long MultiplyAdds => ((Input.Blocks * 8L * Kernel * Kernel) + Bottleneck.MultiplyAdds) * Input.Height * Input.Width;

    public override long Bytes => Input.Bytes + Bottleneck.Bytes + Output.Bytes;

    // What is computed at a time, chosen once: divisions take their time where a chunk has few channels.
    private (int Rows, int Columns, int Pixels) Chunk => chunk.Pixels != 0 ? chunk : chunk = ChooseChunk();

    private int Rows => Chunk.Rows;

    private int Columns => Chunk.Columns;

    private int Stride => (Chunk.Pixels + DepthwiseKernels<TSimd, TVector>.Pixels) * 8;

    public override void Run(int task, float* scratch)
    {
        int y = task * Rows;
        for (int x = 0; x < Input.Width; x += Columns)
        {
            Prefetch(y + (Kernel / 2), x + Columns);
            for (int block = 0; block < Output.Blocks; block++)
            {
                Elementwise<TSimd, TVector>.Prefetch(Output.At(block, y, x), Math.Min(Columns, Input.Width - x));
            }

            Run(y, x, Math.Min(Rows, Input.Height - y), Math.Min(Columns, Input.Width - x), scratch);
        }
    }

    // Some rows of a part of the width, such that as few pixels as possible are computed in vain.
    private (int Rows, int Columns, int Pixels) ChooseChunk()
    {
        int most = Math.Max(64, Bottleneck.Chunk);
        int fewest = Ceiling(Input.Width, most * 3 / 2);
        return Enumerable.Range(fewest, 4)
            .Select(parts => Ceiling(Input.Width, parts))
            .SelectMany(columns => Enumerable.Range(1, Math.Max(1, most * 3 / 2 / columns)).Select(rows => (Rows: rows, Columns: columns)))
            .Select(part => (part.Rows, part.Columns, Pixels: RoundUp(part.Rows * part.Columns, Bottleneck.PixelStep)))
            .MinBy(part => ((double)part.Pixels / (part.Rows * part.Columns), Math.Abs(most - part.Pixels)));
    }

    // The lowest rows that the next pixels need are those that were not read for the rows above.
    private void Prefetch(int y, int x)
    {
        for (int block = 0; block < Input.Blocks; block++)
        {
            for (int row = y; row < Math.Min(y + Rows, Input.Height); row++)
            {
                Elementwise<TSimd, TVector>.Prefetch(Input.At(block, row, x), Math.Min(Columns, Input.Width - x));
            }
        }
    }

    private void Run(int y, int x, int rows, int columns, float* scratch)
    {
        int pixels = rows == Rows && columns == Columns ? Chunk.Pixels : RoundUp(rows * columns, Bottleneck.PixelStep);
        float* z = scratch + ((nint)Input.Blocks * Stride);
        float* hidden = z + ((nint)Output.Blocks * Stride);
        for (int block = 0; block < Input.Blocks; block++)
        {
            float* target = scratch + ((nint)block * Stride);
            for (int r = 0; r < rows; r++)
            {
                DepthwiseKernels<TSimd, TVector>.Row(
                    Input.At(block, y + r - (Kernel / 2), x - (Kernel / 2)),
                    Input.RowStride,
                    Weights.At(block * Kernel * Kernel),
                    Kernel,
                    Bias.At(block),
                    target + (r * columns * 8),
                    columns);
            }

            TSimd.Gelu(target, RoundUp(rows * columns, 2) * 8);
            for (int r = 0; r < rows; r++)
            {
                float* row = target + (r * columns * 8);
                Elementwise<TSimd, TVector>.AffineWithResidual(row, Input.At(block, y + r, x), columns, Scale.At(block), Shift.At(block));
            }

            // A bottleneck may mix pixels, whose shares cancel each other out: so there has to be a number everywhere.
            new Span<float>(target + (rows * columns * 8), (pixels - (rows * columns)) * 8).Clear();
        }

        Bottleneck.Run(scratch, Stride, pixels, hidden, z, Stride);
        for (int block = 0; block < Output.Blocks; block++)
        {
            for (int r = 0; r < rows; r++)
            {
                float* row = z + ((nint)block * Stride) + (r * columns * 8);
                Elementwise<TSimd, TVector>.Affine(row, Output.At(block, y + r, x), columns, OutputScale.At(block), OutputShift.At(block));
            }
        }
    }
}
