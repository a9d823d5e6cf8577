using CMUNeXt.Images;
using CMUNeXt.Imaging;

namespace CMUNeXt.Serving;

/// <summary>An encoded image, and the encoded mask that the library makes of it.</summary>
internal sealed record Case(byte[] Image, byte[] Mask)
{
    private const int Count = 16;

    /// <summary>Parts of the phantoms that come with the repository, repeated where they are smaller.</summary>
    public static Case[] Make(int side)
    {
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
        Image[] phantoms =
            [.. Directory.GetFiles(Examples(), "*.png").Order(StringComparer.Ordinal).Select(path => ImageFile.LoadGray(path))];
        return [.. Enumerable.Range(0, Count).Select(i => Make(segmenter, phantoms[i % phantoms.Length], 31 * i, side))];
    }

    /// <summary>Decodes, segments and encodes: what the server does for a request.</summary>
    public static byte[] Compute(Segmenter segmenter, byte[] encoded) =>
        ImageFile.EncodePng(segmenter.Segment(ImageFile.Decode(encoded, "image")).Mask, MaskValues.ZeroOr255);

    private static Case Make(Segmenter segmenter, Image phantom, int offset, int side)
    {
        byte[] pixels = new byte[side * side];
        for (int i = 0; i < pixels.Length; i++)
        {
            (int x, int y) = (((i % side) + offset) % phantom.Width, ((i / side) + offset) % phantom.Height);
            pixels[i] = phantom.Pixels[(y * phantom.Width) + x];
        }

        byte[] encoded = ImageFile.EncodePng(new Image(side, side, 1, pixels));
        return new Case(encoded, Compute(segmenter, encoded));
    }

    private static string Examples()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CMUNeXt.slnx")))
        {
            folder = folder.Parent!;
        }

        return Path.Combine(folder.FullName, "examples");
    }
}
