using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Stages;

/// <summary>
/// Some rows of one image in the memory of a task, for each channel block, with a margin of zeros on the left and enough of them on the
/// right, and rows of zeros where there are none in the image.
/// </summary>
internal readonly unsafe struct Window<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly int margin;
    private readonly int width;

    /// <summary>Lays out rows.</summary>
    /// <param name="memory">At least <see cref="Size"/> floats.</param>
    /// <param name="rows">The most rows.</param>
    /// <param name="width">The image's columns.</param>
    /// <param name="margin">Columns on the left.</param>
    public Window(float* memory, int rows, int width, int margin)
    {
        this.margin = margin;
        this.width = width;
        Data = memory;
        RowStride = RowSize(width, margin);
        BlockStride = BlockSize(rows, width, margin);
    }

    /// <summary>The first row's first column, in the margin.</summary>
    public float* Data { get; }

    /// <summary>Floats from a row to the next.</summary>
    public nint RowStride { get; }

    /// <summary>Floats from a channel block to the next.</summary>
    public nint BlockStride { get; }

    /// <summary>The floats of a window.</summary>
    public static nint Size(int blocks, int rows, int width, int margin) => blocks * BlockSize(rows, width, margin);

    /// <summary>Pixels in which rows are computed: up to so many in place of the width.</summary>
    public static int Computed(int width) => (width + 15) / 16 * 16;

    /// <summary>The first pixel of a row.</summary>
    public float* At(int block, int row) => Data + (block * BlockStride) + (row * RowStride) + (margin * 8);

    /// <summary>Fills rows of a channel block from one of a source; the first is a row of the image or beyond its edges.</summary>
    public void Fill(int block, Source<TSimd, TVector> source, int from, int image, int firstRow, int rows)
    {
        for (int r = 0; r < rows; r++)
        {
            int y = firstRow + r;
            if (y < 0 || y >= source.Height)
            {
                Clear(block, r);
                continue;
            }

            source.Read(from, (((nint)image * source.Height) + y) * width, width, At(block, r));
            ClearMargins(block, r);
        }
    }

    /// <summary>The same with the gradient of a stage.</summary>
    public void FillGradient(int block, Stage<TSimd, TVector> stage, int from, int image, int firstRow, int rows)
    {
        for (int r = 0; r < rows; r++)
        {
            int y = firstRow + r;
            if (y < 0 || y >= stage.Height)
            {
                Clear(block, r);
                continue;
            }

            stage.ReadGradient(from, (((nint)image * stage.Height) + y) * width, width, At(block, r));
            ClearMargins(block, r);
        }
    }

    /// <summary>Puts zeros into a row.</summary>
    public void Clear(int block, int row) => new Span<float>(At(block, row) - (margin * 8), (int)RowStride).Clear();

    /// <summary>Puts zeros beside a row.</summary>
    public void ClearMargins(int block, int row)
    {
        float* first = At(block, row);
        new Span<float>(first - (margin * 8), margin * 8).Clear();
        new Span<float>(first + (width * 8), (int)RowStride - ((margin + width) * 8)).Clear();
    }

    // Kernels compute up to 15 pixels beyond a row, and read a margin beyond these.
    private static nint RowSize(int width, int margin) => (Computed(width) + (2 * margin) + 2) * 8;

    private static nint BlockSize(int rows, int width, int margin) => (rows * RowSize(width, margin)) + 16;
}
