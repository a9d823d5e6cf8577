using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Training.Tests.Preparation;

public sealed class BusiPreparationTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Images_of_all_folders_come_into_one_and_several_masks_are_merged()
    {
        folder.WriteGray("in/benign/benign (1).png", 1, 2, 3, 4);
        folder.WriteGray("in/benign/benign (1)_mask.png", 255, 0, 0, 0);
        folder.WriteGray("in/benign/benign (1)_mask_1.png", 0, 0, 255, 0);
        folder.WriteGray("in/malignant/malignant (1).png", 5, 6);
        folder.WriteGray("in/malignant/malignant (1)_mask.png", 0, 255);
        folder.WriteGray("in/normal/normal (1).png", 7, 8);
        folder.WriteGray("in/normal/normal (1)_mask.png", 0, 0);

        PreparationReport report = Run();

        Assert.Equal((3, 4, 3, 1, 1), (report.Images, report.Masks, report.Cases, report.MergedCases, report.Classes));
        Assert.Empty(report.Problems);
        Assert.Equal(
            [new PreparationFinding(FindingKind.EmptyMask, "normal/normal (1)_mask.png", "no pixel is foreground")], report.Remarks);
        Assert.Equal(
            [
                "images/benign (1).png", "images/malignant (1).png", "images/normal (1).png",
                "masks/0/benign (1).png", "masks/0/malignant (1).png", "masks/0/normal (1).png", "normal.txt", "prepare.json",
            ],
            folder.Files("out"));
        Assert.Equal([255, 0, 255, 0, 255, 0, 255, 0], ImageFile.Load(folder["out/masks/0/benign (1).png"]).Pixels);
        Assert.Equal(File.ReadAllBytes(folder["in/benign/benign (1).png"]), File.ReadAllBytes(folder["out/images/benign (1).png"]));
        Assert.Equal(3, DataSet.Open(folder["out"]).Cases.Count);
        Assert.Equal(1, report.EmptyCases);
        Assert.Equal(["normal (1)"], CaseList.Read("normal.txt", folder["out"]).Names);
    }

    [Fact]
    public void Each_bad_case_is_a_problem_and_the_others_are_prepared()
    {
        Good("a");
        folder.WriteText("in/benign/broken.png", "no image");
        folder.WriteGray("in/benign/broken_mask.png", 0, 255);
        folder.WriteGray("in/benign/brokenmask.png", 1, 2);
        folder.WriteText("in/benign/brokenmask_mask.png", "no image");
        folder.WriteGray("in/benign/color.png", 1);
        folder.WriteColor("in/benign/color_mask.png", 255, 0, 0);
        folder.WriteGray("in/benign/alone.png", 3, 2);
        folder.WriteGray("in/benign/size.png", 4, 2);
        folder.WriteGray("in/benign/size_mask.png", 0, 255, 255);
        folder.WriteGray("in/benign/values.png", 5, 2);
        folder.WriteGray("in/benign/values_mask.png", 0, 2);
        folder.WriteGray("in/normal/a.png", 6, 2);
        folder.WriteGray("in/normal/a_mask.png", 0, 255);

        PreparationReport report = Run(skipRefused: true);

        Assert.Equal(
            [
                (FindingKind.MissingMask, "benign/alone.png"),
                (FindingKind.AmbiguousName, "normal/a.png"),
                (FindingKind.Unreadable, "benign/broken.png"),
                (FindingKind.Unreadable, "benign/brokenmask_mask.png"),
                (FindingKind.ColoredMask, "benign/color_mask.png"),
                (FindingKind.SizeDiffers, "benign/size_mask.png"),
                (FindingKind.MaskValues, "benign/values_mask.png"),
            ],
            report.Problems.Select(p => (p.Kind, p.File)));
        Assert.Contains(report.Problems, p => p.Text == "the mask is 3 x 2, its image 2 x 2");
        Assert.All(report.Problems, p => Assert.DoesNotContain('\n', p.Text));
        Assert.DoesNotContain(report.Problems, p => p.Text.Contains(p.File, StringComparison.Ordinal));
        Assert.Equal((8, 7, 1), (report.Images, report.Masks, report.Cases));
        Assert.Equal(["images/a.png", "masks/0/a.png", "prepare.json"], folder.Files("out"));
    }

    [Fact]
    public void What_is_odd_is_remarked()
    {
        Good("a");
        Good("b");
        folder.WriteGray("in/benign/c.png", 8, 8, 8);
        folder.WriteGray("in/benign/c_mask.png", 0, 127, 128);
        folder.WriteGray("in/benign/orphan_mask_1.png", 0, 1);
        folder.WriteColor("in/malignant/e.png", 1, 2, 3);
        folder.WriteColor("in/malignant/e_mask.png", 255, 255, 255);
        folder.WriteText("in/malignant/Thumbs.db", "");
        folder.WriteText("in/malignant/notes.txt", "");
        folder.WriteGray("in/malignant/more/f.png", 1);

        PreparationReport report = Run();

        Assert.Empty(report.Problems);
        Assert.Equal(
            [
                new(FindingKind.MissingImage, "benign/orphan_mask_1.png", "the mask has no image"),
                new(FindingKind.OtherFile, "malignant/notes.txt", "neither an image nor a mask"),
                new(FindingKind.OtherFile, "malignant/more", "a folder; its files are not looked into"),
                new(FindingKind.MissingFolder, "normal", "the published data set has this folder"),
                new(FindingKind.MaskValues, "benign/c_mask.png",
                    "not only 0 and 255 but 2 other values, such as 127; above 127 is foreground"),
                new(FindingKind.MaskType, "malignant/e_mask.png", "the mask is png rgb 8-bit, not gray of 1 to 8 bits"),
                new(FindingKind.InvertedMask, "malignant/e_mask.png",
                    "most pixels are foreground, nearly all of the border among them; is it inverted?"),
                new PreparationFinding(FindingKind.IdenticalImages, "benign/b.png", "byte by byte the same file as benign/a.png"),
            ],
            report.Remarks);
        Assert.Equal([0, 0, 255, 0, 0, 255], ImageFile.Load(folder["out/masks/0/c.png"]).Pixels);
        Assert.Equal(2, report.MaskTypes!.Count);
        Assert.Equal(1, report.MaskTypes!["png rgb 8-bit"]);
        Assert.Equal(3, report.MaskTypes!["png gray 8-bit"]);
    }

    [Fact]
    public void The_report_is_written_with_stable_names_and_does_not_depend_on_the_run()
    {
        Good("a");
        Good("b");
        folder.WriteText("in/benign/x.png", "no image");
        folder.WriteGray("in/benign/x_mask.png", 0, 255);

        PreparationReport report = Run(skipRefused: true);

        string json = File.ReadAllText(folder["out/prepare.json"]);
        Assert.Equal(report.ToJson(), json);
        Assert.All(
            new[]
            {
                "\"layout\": \"busi\"", "\"merged_cases\": 0", "\"image_types\": {", "\"problems\": [", "\"kind\": \"unreadable\"",
                "\"kind\": \"identical_images\"", "\"file\": \"benign/x.png\"",
            },
            part => Assert.Contains(part, json, StringComparison.Ordinal));
        Run(skipRefused: true, overwrite: true);
        Assert.Equal(json, File.ReadAllText(folder["out/prepare.json"]));
    }

    [Fact]
    public void A_source_that_is_not_busi_is_refused_and_nothing_is_made()
    {
        Directory.CreateDirectory(folder["in/benign/"]);

        Assert.Contains("there is no image in its folders", Assert.Throws<BadFileException>(() => Run()).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["out"]));
    }

    private void Good(string name)
    {
        folder.WriteGray($"in/benign/{name}.png", 1, 2);
        folder.WriteGray($"in/benign/{name}_mask.png", 0, 255);
    }

    private PreparationReport Run(bool skipRefused = false, bool overwrite = false) => BusiPreparation.Run(
        new BusiPreparationOptions { Source = folder["in"], Output = folder["out"], SkipRefused = skipRefused, Overwrite = overwrite },
        cancellation: TestContext.Current.CancellationToken);
}
