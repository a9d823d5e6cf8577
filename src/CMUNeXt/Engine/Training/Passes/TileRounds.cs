using CMUNeXt.Engine.Kernels;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// How a convolution by Winograd divides a batch. A band is some rows of tiles of one image. Where there are few channels, each task makes
/// the transforms of one band after the other in memory of its own. Where there are many, their weights do not stay near beside the
/// transforms, and so all tasks work on the same ones: a round is so many bands that their transforms, and the sums that are kept of each
/// image, stay in the cache that the cores share. Rows are filled up to an even number of tiles, bands to an equal number of rows; what
/// lies beyond an image's edges is zero.
/// </summary>
internal sealed class TileRounds
{
    /// <summary>Rows of pixels of a tile, and columns.</summary>
    public const int Side = 4;

    // Floats that transforms and sums take: of a round, or of a band in memory of a task's own.
    private const nint Budget = 2 << 20;
    private const nint OwnBudget = 112 * 1024;

    // Floats of the pixels of a band, channel block by channel block.
    private const nint WindowBudget = 48 * 1024;

    // Pixels that are summed up at a time.
    private const int RunPixels = 256;

    private readonly int most;

    /// <summary>Divides images.</summary>
    /// <param name="capacity">The most images.</param>
    /// <param name="height">Rows of pixels.</param>
    /// <param name="width">Columns.</param>
    /// <param name="blocks">The channel blocks of all transforms that are kept at a time.</param>
    /// <param name="imageSums">The floats of the sums of an image.</param>
    /// <param name="own">Whether each task has transforms of its own.</param>
    public TileRounds(int capacity, int height, int width, int blocks, nint imageSums, bool own)
    {
        nint budget = own ? OwnBudget : Budget;
        int down = Ceiling(height, Side);
        Across = Ceiling(width, 2 * Side) * 2;
        RunRows = Across * Side == width ? Math.Max(RunPixels / width, 1) : 1;
        nint rowSize = (nint)Winograd.Points * Across * 8 * blocks;
        int rows = (int)Math.Clamp(Math.Min(budget / rowSize, WindowBudget / (Across * Side * 8) / Side), 1, down);
        Bands = Ceiling(down, rows);
        Down = Ceiling(down, Bands);
        int all = capacity * Bands;
        nint bandSize = (rowSize * Down) + (imageSums / Bands);
        most = own ? 1 : Ceiling(all, Ceiling(all, (int)Math.Clamp(budget / bandSize, 1, all)));
        Images = Math.Min(Ceiling(most - 1, Bands) + 1, capacity);
    }

    /// <summary>Bands of an image; they do not depend on how many images there are.</summary>
    public int Bands { get; }

    /// <summary>The most images that have bands in a round.</summary>
    public int Images { get; }

    /// <summary>Tiles in a row, an even number.</summary>
    public int Across { get; }

    /// <summary>Rows of tiles in a band.</summary>
    public int Down { get; }

    /// <summary>Tiles of a band.</summary>
    public int BandTiles => Across * Down;

    /// <summary>Rows of pixels of a band.</summary>
    public int BandRows => Down * Side;

    /// <summary>Rows of pixels that follow one another in the image as in the tiles.</summary>
    public int RunRows { get; }

    /// <summary>The most tiles of a round, in groups as products are made.</summary>
    public int Room => Ceiling(most * BandTiles, 16) * 16;

    /// <summary>The rounds of so many images.</summary>
    public int Rounds(int images) => Ceiling(images * Bands, most);

    /// <summary>The bands of a round.</summary>
    public int BandsOf(int round, int images) => Math.Min(most, (images * Bands) - (round * most));

    /// <summary>A band of a round, counted through all images.</summary>
    public int BandAt(int round, int band) => (round * most) + band;

    /// <summary>The image of a band, and its first row of pixels.</summary>
    public (int Image, int Row) Place(int round, int band)
    {
        (int image, int place) = Math.DivRem(BandAt(round, band), Bands);
        return (image, place * BandRows);
    }

    private static int Ceiling(int a, int b) => (a + b - 1) / b;
}
