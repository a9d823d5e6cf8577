using System.Buffers.Binary;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Training.Tests.Preparation;

public sealed class PairsPreparationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Masks_of_equal_stem_are_found_whatever_their_ending()
    {
        WriteBitmap("images/a.bmp", 10, 20, 30);
        folder.WriteGray("masks/a.png", 255);
        folder.WriteGray("images/b.png", 1, 2);
        File.Move(folder["images/b.png"], folder["images/b.PNG"]);
        folder.WriteGray("masks/b.png", 0, 255);

        PreparationReport report = Run();

        Assert.Empty(report.Problems);
        Assert.Equal(["images/a.png", "images/b.png", "masks/0/a.png", "masks/0/b.png", "prepare.json"], folder.Files("out"));
        Assert.Equal(ImageFormat.Png, ImageFile.Identify(folder["out/images/a.png"]).Format);
        Assert.Equal([10, 20, 30, 10, 20, 30], ImageFile.Load(folder["out/images/a.png"]).Pixels);
        Assert.Equal(2, report.ImageTypes!.Count);
    }

    [Fact]
    public void An_image_and_a_mask_belong_together_whose_names_look_alike()
    {
        folder.WriteGray("images/mu\u0308de.png", 1, 2);
        folder.WriteGray("masks/m\u00fcde.png", 0, 255);

        PreparationReport report = Run();

        Assert.Empty(report.Problems);
        Assert.Empty(report.Remarks);
        Assert.Equal((1, 1), (report.Images, report.Masks));
    }

    [Theory]
    [InlineData(255, 255, "byte by byte the same file as images/a.png")]
    [InlineData(255, 0, "byte by byte the same file as images/a.png; the masks differ, their IoU is 0.500")]
    public void Of_an_image_that_is_there_twice_it_is_told_how_far_its_masks_agree(byte first, byte second, string expected)
    {
        folder.WriteGray("images/a.png", 1, 2, 3);
        folder.WriteGray("images/b.png", 1, 2, 3);
        folder.WriteGray("masks/a.png", 255, 255, 0);
        folder.WriteGray("masks/b.png", first, second, 0);

        PreparationFinding finding = Assert.Single(Run().Remarks);
        Assert.Equal(FindingKind.IdenticalImages, finding.Kind);
        Assert.Equal(expected.Replace("images/", "", StringComparison.Ordinal),
            finding.Text.Replace("images/", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_suffix_finds_masks_in_their_own_folder_or_beside_the_images()
    {
        folder.WriteGray("images/a.png", 1, 2);
        folder.WriteGray("masks/a_seg.png", 0, 255);
        folder.WriteGray("masks/a.png", 255, 0);
        PreparationReport apart = Run(o => o with { MaskSuffix = "_seg" });
        Assert.Equal([0, 255, 0, 255], Written("out", 0, "a"));
        Assert.Equal(
            [new(FindingKind.OtherFile, "masks/a.png", "its name is not that of a mask: an image's stem, then _seg")], apart.Remarks);

        folder.WriteGray("images/a_seg.png", 255, 0);
        PreparationReport together = Run(o => o with { Masks = folder["images"], MaskSuffix = "_seg", Output = folder["out2"] });
        Assert.Equal([255, 0, 255, 0], Written("out2", 0, "a"));
        Assert.Equal((1, 1), (together.Images, together.Masks));
        Assert.Empty(together.Remarks);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(255, false)]
    [InlineData(1, true)]
    public void Whether_masks_are_0_and_1_or_0_and_255_is_decided_for_the_folder(byte foreground, bool mixed)
    {
        folder.WriteGray("images/a.png", 1, 2);
        folder.WriteGray("masks/a.png", 0, foreground);
        folder.WriteGray("images/b.png", 3, 4);
        folder.WriteGray("masks/b.png", mixed ? (byte)255 : foreground, 0);

        PreparationReport report = Run(o => o with { SkipRefused = mixed });

        Assert.Empty(report.Remarks);
        Assert.Equal(foreground == 1 && !mixed, report.MasksOfZeroAndOne);
        Assert.Equal([255, 0, 255, 0], Written("out", 0, "b"));
        if (mixed)
        {
            Assert.Equal([(FindingKind.MaskValues, "masks/a.png")], report.Problems.Select(p => (p.Kind, p.File)));
        }
        else
        {
            Assert.Empty(report.Problems);
            Assert.Equal([0, 255, 0, 255], Written("out", 0, "a"));
        }
    }

    [Fact]
    public void Colors_become_classes_with_names_and_equal_names_one()
    {
        WritePair("a", [0, 0, 0], [0, 255, 0], [255, 0, 0]);
        WritePair("b", [255, 255, 255], [255, 0, 0], [0, 0, 0]);

        PreparationReport two = Run(o => o with { Colors = MaskClass.ParseColors("00FF00=benign,ff0000=malignant,FFFFFF=background") });

        Assert.Empty(two.Problems);
        Assert.Equal(["benign", "malignant"], DataSet.Open(folder["out"]).ClassNames);
        Assert.Equal([1, 2], two.ClassCases);
        Assert.Equal([0, 255, 0], Written("out", 0, "a"));
        Assert.Equal([0, 0, 255], Written("out", 1, "a"));
        Assert.Equal([0, 255, 0], Written("out", 1, "b"));

        PreparationReport one = Run(
            o => o with { Colors = MaskClass.ParseColors("00FF00=lesion,FF0000=lesion"), SkipRefused = true, Overwrite = true });

        Assert.Equal(["lesion"], one.ClassNames);
        Assert.Null(one.ClassCases);
        Assert.Equal([0, 255, 255], Written("out", 0, "a"));
        Assert.Equal("colors that are no class: FFFFFF; name them too, RRGGBB=background for nothing", Assert.Single(one.Problems).Text);
    }

    [Fact]
    public void Several_labels_can_be_one_class()
    {
        folder.WriteGray("images/a.png", 1, 2, 3, 4);
        folder.WriteGray("masks/a.png", 1, 2, 3, 4);

        PreparationReport report = Run(o => o with { Labels = MaskClass.ParseLabels("1+3=cyst, 2=mass, 4=background") });

        Assert.Empty(report.Remarks);
        Assert.Equal(["cyst", "mass"], report.ClassNames);
        Assert.Equal([255, 0, 255, 0], Written("out", 0, "a")[..4]);
        Assert.Equal([0, 255, 0, 0], Written("out", 1, "a")[..4]);
    }

    [Theory]
    [InlineData("1,1")]
    [InlineData("0")]
    [InlineData("256")]
    [InlineData("1=")]
    [InlineData("")]
    [InlineData("1=background")]
    public void Labels_that_cannot_be_meant_are_refused(string text) =>
        Assert.Throws<FormatException>(() => MaskClass.ParseLabels(text));

    [Theory]
    [InlineData("00FF00=a,00FF00=b")]
    [InlineData("000000=a")]
    [InlineData("green=a")]
    [InlineData("0F0=a")]
    public void Colors_that_cannot_be_meant_are_refused(string text) =>
        Assert.Throws<FormatException>(() => MaskClass.ParseColors(text));

    [Fact]
    public void Labels_become_classes_in_their_order()
    {
        folder.WriteGray("images/a.png", 1, 2, 3, 4, 5);
        folder.WriteGray("masks/a.png", 0, 3, 200, 7, 3);

        PreparationReport report = Run(o => o with { Labels = MaskClass.ParseLabels("200,3") });

        Assert.Equal(2, report.Classes);
        Assert.Empty(report.Problems);
        Assert.Equal([new(FindingKind.MaskValues, "masks/a.png", "not among the labels, so taken as background: 7")], report.Remarks);
        Assert.Equal([0, 2, 1, 0, 2, 0, 2, 1, 0, 2], LoadedCase.Load(DataSet.Open(folder["out"]).Cases[0]).Mask.Pixels);
        Assert.Equal([0, 0, 255, 0, 0, 0, 0, 255, 0, 0], Written("out", 0, "a"));
    }

    [Fact]
    public void A_mask_of_another_size_is_a_problem_or_scaled()
    {
        folder.WriteGray("images/a.png", 1, 2, 3, 4, 5);
        folder.WriteGray("masks/a.png", 0, 255, 0);
        Assert.Equal(FindingKind.SizeDiffers, Assert.Single(Run().Problems).Kind);

        PreparationReport report = Run(o => o with { ResizeMasks = true, Overwrite = true });

        // Columns floor(i x 3 / 5): 0, 0, 1, 1, 2.
        Assert.Equal([0, 0, 255, 255, 0, 0, 0, 255, 255, 0], Written("out", 0, "a"));
        Assert.Empty(report.Problems);
        Assert.Equal("the mask is 3 x 2, its image 5 x 2; it was scaled", Assert.Single(report.Remarks).Text);
    }

    [Fact]
    public void Images_without_mask_or_with_two_are_problems_and_masks_without_image_remarks()
    {
        folder.WriteGray("images/a.png", 1, 2);
        folder.WriteGray("images/b.png", 3, 4);
        folder.WriteGray("masks/b.png", 0, 255);
        WriteBitmap("masks/b.bmp", 0, 0, 0);
        folder.WriteGray("images/c.png", 5, 6);
        WriteBitmap("images/c.bmp", 1, 1, 1);
        folder.WriteGray("masks/c.png", 255);
        folder.WriteGray("masks/d.png", 0, 255);

        PreparationReport report = Run();

        Assert.Equal(
            [(FindingKind.MissingMask, "images/a.png"), (FindingKind.AmbiguousName, "images/b.png"),
                (FindingKind.AmbiguousName, "images/c.png")],
            report.Problems.Select(p => (p.Kind, p.File)));
        Assert.Equal(
            [(FindingKind.MissingImage, "masks/d.png"), (FindingKind.InvertedMask, "masks/c.png")],
            report.Remarks.Select(r => (r.Kind, r.File)));
        Assert.Equal((4, 4, 1), (report.Images, report.Masks, report.Cases));
    }

    [Fact]
    public void Without_a_suffix_too_a_file_that_looks_like_a_further_mask_is_a_problem()
    {
        folder.WriteGray("images/b.png", 1, 2);
        folder.WriteGray("images/e.png", 3, 4);
        foreach (string mask in (string[])["b", "b_left", "bleft", "e", "e copy", "x_left"])
        {
            folder.WriteGray($"masks/{mask}.png", 0, 255);
        }

        PreparationReport report = Run();

        Assert.False(report.IsWritten);
        Assert.Equal(
            [(FindingKind.AmbiguousName, "masks/b_left.png"), (FindingKind.AmbiguousName, "masks/e copy.png")],
            report.Problems.Select(p => (p.Kind, p.File)));
        Assert.All(report.Problems, problem => Assert.Contains("(--mask-suffix)", problem.Text, StringComparison.Ordinal));
        Assert.Equal(
            [(FindingKind.MissingImage, "masks/bleft.png"), (FindingKind.MissingImage, "masks/x_left.png")],
            report.Remarks.Select(r => (r.Kind, r.File)));
    }

    [Fact]
    public void Options_that_cannot_be_meant_are_refused()
    {
        folder.WriteGray("images/a.png", 1);
        folder.WriteGray("masks/a.png", 1);

        Assert.Throws<ArgumentException>(() => Run(o => o with { Labels = [] }));
        Assert.Throws<ArgumentException>(() => Run(o => o with { Labels = [new MaskClass("a", [1, 1])] }));
        Assert.Throws<ArgumentException>(() => Run(o => o with { Labels = [new MaskClass("a", [0])] }));
        Assert.Throws<ArgumentException>(() => Run(o => o with { Labels = [new MaskClass("a", [256])] }));
        Assert.Throws<ArgumentException>(() => Run(o => o with { Labels = [new MaskClass("a", [1])], Colors = [new MaskClass("a", [1])] }));
        Assert.Throws<ArgumentException>(() => Run(o => o with { Masks = folder["images/"] }));
        Assert.Throws<BadFileException>(() => Run(o => o with { Images = folder["none/"] }));
        Assert.Throws<BadFileException>(() => Run(o => o with { Masks = Path.Combine(folder.Path, "missing") }));
        Assert.False(Directory.Exists(folder["out"]));
    }

    [Fact]
    public void A_link_to_the_folder_of_images_is_the_same_folder()
    {
        folder.WriteGray("images/a.png", 1);
        SymbolicLink.ToFolder(folder["link"], folder["images"]);
        Assert.Throws<ArgumentException>(() => Run(o => o with { Masks = folder["link"] }));
    }

    [Fact]
    public void Folders_are_remarked_that_are_not_looked_into()
    {
        folder.WriteGray("images/a.png", 1, 2);
        folder.WriteGray("images/benign/b.png", 3, 4);
        folder.WriteGray("images/masks/a.png", 0, 255);

        // The masks and the output are known, the second time too.
        foreach (bool overwrite in (bool[])[false, true])
        {
            PreparationReport report = Run(
                o => o with { Masks = folder["images/masks"], Output = folder["images/out"], Overwrite = overwrite });
            Assert.Equal([new(FindingKind.OtherFile, "images/benign", "a folder; its files are not looked into")], report.Remarks);
        }

        File.Delete(folder["images/a.png"]);
        Assert.EndsWith(
            "there is no image in it, and its folders are not looked into: name one of them",
            Assert.Throws<BadFileException>(() => Run(o => o with { Masks = folder["images/masks"] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_differ_in_case_are_one_name_where_files_do_not()
    {
        folder.WriteGray("images/x.png", 1, 2);
        folder.WriteGray("masks/x.png", 0, 255);
        WriteBitmap("images/X.bmp", 1, 1, 1);
        WriteBitmap("masks/X.bmp", 255, 255, 255);

        bool one = RealPath.Comparison == StringComparison.OrdinalIgnoreCase;
        Assert.Equal((2, one ? 1 : 2), (Run(o => o with { SkipRefused = true }).Images, DataSet.Open(folder["out"]).Cases.Count));
    }

    [Theory]
    [InlineData(3, 4, 2, false)]
    [InlineData(6, 2, 4, false)]
    [InlineData(6, 4, 2, true)]
    public void A_mask_beside_a_turned_image_is_remarked_and_one_drawn_before_it_was_turned_refused(
        int orientation, int width, int height, bool refused)
    {
        // The image is stored 4 x 2.
        byte[] exif = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        byte[] png = ImageFile.EncodePng(new Image(4, 2, 1, [1, 2, 3, 4, 5, 6, 7, 8]));
        File.WriteAllBytes(folder["images/a.png"], [.. png[..33], .. Chunk("eXIf"u8, exif), .. png[33..]]);
        ImageFile.SavePng(folder["masks/a.png"], new Image(width, height, 1, [255, 0, 0, 0, 0, 0, 0, 0]));

        PreparationReport report = Run(o => o with { ResizeMasks = true });

        Assert.Equal(FindingKind.Orientation, Assert.Single(refused ? report.Problems : report.Remarks).Kind);
        Assert.Equal(refused ? 0 : 1, report.Cases);
    }

    private static byte[] Chunk(ReadOnlySpan<byte> name, byte[] data)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, data.Length);
        byte[] checksum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, Crc32.Of([.. name, .. data]));
        return [.. length, .. name, .. data, .. checksum];
    }

    // An image and its colored mask, one row.
    private void WritePair(string name, params byte[][] colors)
    {
        ImageFile.SavePng(folder[$"images/{name}.png"], new Image(colors.Length, 1, 1, new byte[colors.Length]));
        ImageFile.SavePng(folder[$"masks/{name}.png"], new Image(colors.Length, 1, 3, [.. colors.SelectMany(c => c)]));
    }

    // One pixel wide, two rows, 24 bits.
    private void WriteBitmap(string relative, byte red, byte green, byte blue)
    {
        using BinaryWriter writer = new(File.Create(folder[relative]));
        writer.Write("BM"u8);
        writer.Write(54 + 8);
        writer.Write(0);
        writer.Write(54);
        writer.Write(40);
        writer.Write(1);
        writer.Write(2);
        writer.Write((short)1);
        writer.Write((short)24);
        writer.Write(0);
        writer.Write(8);
        writer.Write(new byte[16]);
        writer.Write([blue, green, red, 0, blue, green, red, 0]);
    }

    private byte[] Written(string output, int label, string name) => ImageFile.Load(folder[$"{output}/masks/{label}/{name}.png"]).Pixels;

    private PreparationReport Run(Func<PairsPreparationOptions, PairsPreparationOptions>? change = null)
    {
        PairsPreparationOptions options = new() { Images = folder["images"], Masks = folder["masks"], Output = folder["out"] };
        return PairsPreparation.Run(change?.Invoke(options) ?? options, cancellation: TestContext.Current.CancellationToken);
    }
}
