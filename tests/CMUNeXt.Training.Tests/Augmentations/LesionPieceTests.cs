using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Numerics;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Tests.Augmentations;

public sealed class LesionPieceTests
{
    // Tissue of 100 with a rectangle of 40 in it.
    private const int Width = 90;
    private const int Height = 70;
    private const byte Tissue = 100;
    private const byte Dark = 40;
    private static readonly (int X, int Y, int Width, int Height) Lesion = (30, 20, 20, 12);

    [Fact]
    public void A_lesion_stands_whole_in_the_other_image_which_stays_as_it_is_elsewhere()
    {
        HashSet<(int, int)> places = [];
        for (ulong n = 0; n < 20; n++)
        {
            (Image image, Mask mask) = Put(Piece()!, Plain(Tissue, 1), n)!.Value;
            (int x, int y) = First(mask);
            places.Add((x, y));
            for (int i = 0; i < mask.Pixels.Length; i++)
            {
                (int column, int row) = (i % Width, i / Width);
                int aside = Math.Max(Math.Max(x - column, column - (x + Lesion.Width - 1)), 0);
                int above = Math.Max(Math.Max(y - row, row - (y + Lesion.Height - 1)), 0);
                bool inside = aside + above == 0;
                Assert.Equal(inside ? 1 : 0, mask.Pixels[i]);
                Assert.Equal(inside ? Dark : Tissue, image.Pixels[i]);
            }
        }

        Assert.True(places.Count > 10);
    }

    [Fact]
    public void It_is_as_dark_beside_its_new_tissue_as_beside_its_own_and_fades_out()
    {
        (Image image, Mask mask) = Put(Piece()!, Plain(160, 1), 1)!.Value;
        (int x, int y) = First(mask);
        int lesion = image.Pixels[(y * Width) + x];
        Assert.Equal(Dark * 165.0 / 105, lesion, 1.0);

        // The tissue around it comes along by the same factor, and less of it from pixel to pixel.
        int[] row = [.. Enumerable.Range(1, 5).Select(i => (int)image.Pixels[(y * Width) + x - i])];
        Assert.All(row, value => Assert.InRange(value, 155, 160));
        Assert.Equal(160, image.Pixels[(y * Width) + x - 5]);
    }

    [Fact]
    public void Left_and_right_change_places_and_sizes_grow()
    {
        Image source = Source(1);
        Mask mask = MaskOf(1);
        mask.Pixels[(Lesion.Y * Width) + Lesion.X] = 2;
        (_, Mask same) = Put(LesionPiece.Cut(source, mask, 1, false)!, Plain(Tissue, 1), 3)!.Value;
        (_, Mask flipped) = Put(LesionPiece.Cut(source, mask, 1, true)!, Plain(Tissue, 1), 3)!.Value;
        (_, Mask larger) = Put(LesionPiece.Cut(source, mask, 1.5, false)!, Plain(Tissue, 1), 3)!.Value;

        int at = same.Pixels.IndexOf((byte)2);
        Assert.Equal(2, flipped.Pixels[at + Lesion.Width - 1]);
        Assert.Equal(1, flipped.Pixels[at]);
        Assert.Equal(1.5 * 1.5, (double)larger.Area() / same.Area(), 0.15);
    }

    [Fact]
    public void Colors_and_classes_are_kept_and_what_is_ignored_stays_so()
    {
        Mask into = new(Width, Height, new byte[Width * Height]);
        into.Pixels[0] = IgnoredPixels.Label;
        RandomSequence random = new(1, "place");
        (Image image, Mask mask) = LesionPiece.Cut(Source(3), MaskOf(3), 1, false)!.Put(Plain(Tissue, 3), into, ref random)!.Value;
        (int x, int y) = First(mask, 3);
        Assert.Equal([Dark, Dark + 1, Dark + 2], image.Pixels[(((y * Width) + x) * 3)..((((y * Width) + x) * 3) + 3)]);
        Assert.Equal((byte[])[0, 3, IgnoredPixels.Label], mask.Pixels.Distinct().Order());
        Assert.Equal(IgnoredPixels.Label, mask.Pixels[0]);
        Assert.Equal(0, into.Pixels.Count(label => label == 3));
    }

    [Fact]
    public void What_is_ignored_beside_a_lesion_is_ignored_beside_it_in_the_other_image()
    {
        Mask donor = MaskOf(1);
        for (int y = Lesion.Y - 1; y <= Lesion.Y + Lesion.Height; y++)
        {
            for (int x = Lesion.X - 1; x <= Lesion.X + Lesion.Width; x++)
            {
                ref byte label = ref donor.Pixels[(y * Width) + x];
                label = label == 0 ? IgnoredPixels.Label : label;
            }
        }

        // Far from the lesion nothing of the piece shows.
        donor.Pixels[((Lesion.Y - 4) * Width) + Lesion.X - 4] = IgnoredPixels.Label;

        (_, Mask mask) = Put(LesionPiece.Cut(Source(1), donor, 1, false)!, Plain(Tissue, 1), 3)!.Value;

        (int left, int top) = First(mask);
        int ignored = 0;
        for (int i = 0; i < mask.Pixels.Length; i++)
        {
            (int y, int x) = Math.DivRem(i, Width);
            bool inRing = x >= left - 1 && x <= left + Lesion.Width && y >= top - 1 && y <= top + Lesion.Height;
            Assert.Equal(inRing && mask.Pixels[i] != 1, mask.Pixels[i] == IgnoredPixels.Label);
            ignored += mask.Pixels[i] == IgnoredPixels.Label ? 1 : 0;
        }

        Assert.Equal((2 * (Lesion.Width + Lesion.Height)) + 4, ignored);
    }

    [Fact]
    public void What_does_not_fit_is_not_put_anywhere()
    {
        Assert.Null(LesionPiece.Cut(Source(1), new Mask(Width, Height, new byte[Width * Height]), 1, false));

        byte[] large = new byte[Width * Height];
        large.AsSpan(Width * 10, Width * 40).Fill(1);
        Assert.Null(LesionPiece.Cut(Source(1), new Mask(Width, Height, large), 1, false));

        byte[] atBorder = new byte[Width * Height];
        atBorder[3] = 1;
        Assert.Null(LesionPiece.Cut(Source(1), new Mask(Width, Height, atBorder), 1, false));

        Assert.Null(Put(LesionPiece.Cut(Source(1), MaskOf(1), 4, false)!, Plain(Tissue, 1), 0));
        Assert.Null(Put(Piece()!, Plain(3, 1), 0));
    }

    private static LesionPiece? Piece() => LesionPiece.Cut(Source(1), MaskOf(1), 1, false);

    private static (Image Image, Mask Mask)? Put(LesionPiece piece, Image into, ulong number)
    {
        RandomSequence random = new(41, "place", number);
        return piece.Put(into, new Mask(Width, Height, new byte[Width * Height]), ref random);
    }

    private static Image Plain(byte value, int channels)
    {
        byte[] pixels = new byte[Width * Height * channels];
        Array.Fill(pixels, value);
        return new Image(Width, Height, channels, pixels);
    }

    private static Image Source(int channels)
    {
        Image image = Plain(Tissue, channels);
        foreach (int i in Places())
        {
            for (int c = 0; c < channels; c++)
            {
                image.Pixels[(i * channels) + c] = (byte)(Dark + c);
            }
        }

        return image;
    }

    private static Mask MaskOf(byte label)
    {
        byte[] labels = new byte[Width * Height];
        foreach (int i in Places())
        {
            labels[i] = label;
        }

        return new Mask(Width, Height, labels);
    }

    private static IEnumerable<int> Places() =>
        from y in Enumerable.Range(Lesion.Y, Lesion.Height)
        from x in Enumerable.Range(Lesion.X, Lesion.Width)
        select (y * Width) + x;

    private static (int X, int Y) First(Mask mask, byte label = 1)
    {
        int at = mask.Pixels.IndexOf(label);
        return (at % Width, at / Width);
    }
}
