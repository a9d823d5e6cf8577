using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Training.Tests.Preparation;

/// <summary>The published data set, prepared once for all tests of this class.</summary>
public sealed class PreparedBusi : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Lazy<PreparationReport> report;

    public PreparedBusi() => report = new(() => BusiPreparation.Run(new BusiPreparationOptions { Source = Source, Output = Output }));

    public static string Source => Reference.Path("data", "busi", "Dataset_BUSI_with_GT");

    public string Output => System.IO.Path.Combine(folder.Path, "busi");

    // Not in the constructor: a skip there would count as a failure.
    public PreparationReport Report
    {
        get
        {
            _ = Source;
            return report.Value;
        }
    }

    public void Dispose() => folder.Dispose();
}

public sealed class BusiReferenceTests(PreparedBusi busi) : IClassFixture<PreparedBusi>
{
    [Fact]
    public void All_images_and_masks_of_the_published_data_set_are_found()
    {
        PreparationReport report = busi.Report;

        Assert.Equal(780, report.Images);
        Assert.Equal(798, report.Masks);
        Assert.Equal(780, report.Cases);
        Assert.Equal(17, report.MergedCases);
        Assert.Empty(report.Problems);
        Assert.Equal(764, report.ImageTypes!["png gray 8-bit"]);
        Assert.Equal(16, report.ImageTypes!["png rgb 8-bit"]);
    }

    [Fact]
    public void Masks_of_unusual_type_are_reported()
    {
        PreparationReport report = busi.Report;

        Assert.Equal(2, report.MaskTypes!["png rgba 8-bit"]);
        Assert.Equal(133, report.MaskTypes!["png rgb 8-bit"]);
        Assert.Equal(663, report.MaskTypes!["png gray 1-bit"]);
        Assert.Equal(135, report.Remarks.Count(r => r.Kind == FindingKind.MaskType));
    }

    // NumPy gives 0.7748 for the IoU of both masks.
    [Fact]
    public void The_repeated_image_is_reported() => Assert.Contains(
        new PreparationFinding(
            FindingKind.IdenticalImages, "malignant/malignant (145).png",
            "byte by byte the same file as benign/benign (433).png; the masks differ, their IoU is 0.775"),
        busi.Report.Remarks);

    [Fact]
    public void The_empty_masks_are_those_of_the_normal_images()
    {
        string[] empty = [.. busi.Report.Remarks.Where(r => r.Kind == FindingKind.EmptyMask).Select(r => r.File)];

        Assert.Equal(133, empty.Length);
        Assert.Equal(133, busi.Report.EmptyCases);
        Assert.Equal(empty, CaseList.Read("normal.txt", busi.Output).Names.Select(name => $"normal/{name}_mask.png"));
        Assert.All(empty, file => Assert.StartsWith("normal/normal (", file, StringComparison.Ordinal));
    }

    [Fact]
    public void The_published_lists_fit_and_split_2_shares_the_repeated_image()
    {
        _ = busi.Report;
        DataSet data = DataSet.Open(busi.Output);
        Assert.Equal(780, data.Cases.Count);
        Assert.Equal(1, data.Classes);

        ListOverlap overlap = ListOverlap.Find(
            Some("busi_train2.txt"), Some("busi_val2.txt"), cancellation: TestContext.Current.CancellationToken);

        Assert.Empty(overlap.Names);
        IdenticalPair pair = Assert.Single(overlap.IdenticalImages);
        Assert.Equal(["benign (433)", "malignant (145)"], new[] { pair.Train, pair.Validation }.Order());

        // The list is checked in full, but only a few of its images are read.
        Case[] Some(string list)
        {
            IReadOnlyList<Case> cases = data.Resolve(CaseList.Read(Reference.Path("data", "busi", "splits", list)));
            return [.. cases.Where((c, i) => i < 20 || c.Name is "benign (433)" or "malignant (145)")];
        }
    }

    [Fact]
    public void Several_masks_are_merged_by_maximum()
    {
        _ = busi.Report;
        Mask[] parts =
        [
            .. new[] { "", "_1", "_2" }.Select(ending =>
                ImageFile.LoadMask(
                    System.IO.Path.Combine(PreparedBusi.Source, "benign", $"benign (195)_mask{ending}.png"), MaskValues.ZeroOr255)),
        ];
        byte[] expected = [.. Enumerable.Range(0, parts[0].Pixels.Length).Select(i => parts.Max(p => p.Pixels[i]))];

        LoadedCase loaded = LoadedCase.Load(DataSet.Open(busi.Output).Resolve(["benign (195)"], "test")[0]);

        Assert.Equal(expected, loaded.Mask.Pixels);
        Assert.All(parts, p => Assert.InRange(p.Area(), 1, loaded.Mask.Area() - 1));
    }

    [Fact]
    public void Images_are_copied_byte_by_byte()
    {
        _ = busi.Report;
        Assert.Equal(
            File.ReadAllBytes(System.IO.Path.Combine(PreparedBusi.Source, "malignant", "malignant (84).png")),
            File.ReadAllBytes(System.IO.Path.Combine(busi.Output, "images", "malignant (84).png")));
    }
}
