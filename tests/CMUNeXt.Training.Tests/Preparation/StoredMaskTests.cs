using CMUNeXt.Imaging.Tests.Formats;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Training.Tests.Preparation;

/// <summary>Masks of 4 x 1 pixels whose way of being stored could hide the lesion.</summary>
public sealed class StoredMaskTests : IDisposable
{
    private const byte Rgb = 2;
    private const byte Rgba = 6;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly TemporaryFolder folder = new();

    public StoredMaskTests() =>
        File.WriteAllBytes(folder["images/a.png"], PngBuilder.Image(4, 1, 8, 0, false, [10, 20, 30, 40]));

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_colored_mask_in_the_alpha_is_not_all_lesion()
    {
        WriteMask(Rgba, 8, 255, 0, 0, 0, 255, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0, 0);
        PreparationFinding problem = Assert.Single(Run("FF0000=lesion").Problems);
        Assert.Equal((FindingKind.MaskValues, "masks/a.png"), (problem.Kind, problem.File));
        Assert.Contains("in the alpha", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_color_of_16_bits_that_becomes_black_is_not_background()
    {
        WriteMask(Rgb, 16, 0, 0, 0, 200, 0, 0, 0, 0, 65535, 0, 0, 0);
        Assert.Contains("lost in 8", Assert.Single(Run("0000FF=lesion").Problems).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Colors_of_16_bits_that_8_bits_hold_are_read()
    {
        WriteMask(Rgb, 16, 0, 0, 0, 128 * 257, 0, 0, 0, 0, 0, 0, 0, 0);
        PreparationReport report = Run("800000=lesion");
        Assert.Empty(report.Problems);
        Assert.Equal("the mask is png rgb 16-bit, not gray, RGB or a palette of 1 to 8 bits", Assert.Single(report.Remarks).Text);
        Assert.Equal([0, 1, 0, 0], LoadedCase.Load(DataSet.Open(folder["out"]).Cases[0]).Mask.Pixels);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("FF0000=lesion")]
    public void An_empty_mask_with_an_opaque_alpha_is_that_of_a_healthy_image(string? colors)
    {
        WriteMask(Rgba, 8, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255);
        PreparationReport report = Run(colors);
        Assert.Empty(report.Problems);
        Assert.Equal([FindingKind.MaskType, FindingKind.EmptyMask], report.Remarks.Select(remark => remark.Kind));
        Assert.Equal(["a"], CaseList.Read("normal.txt", folder["out"]).Names);
    }

    [Fact]
    public void A_bmp_whose_palette_holds_0_and_1_has_a_lesion()
    {
        File.WriteAllBytes(folder["masks/a.bmp"], BmpBuilder.Image(4, 1, 1, [[0b0110_0000]], [0, 0, 0, 0, 1, 1, 1, 0]));
        Assert.Empty(Run(null).Problems);
        Assert.Equal([0, 1, 1, 0], LoadedCase.Load(DataSet.Open(folder["out"]).Cases[0]).Mask.Pixels);
    }

    [Fact]
    public async Task A_pipe_among_the_files_is_unreadable_and_not_waited_for()
    {
        NamedPipe.At(folder["images/pipe.png"]);
        WriteMask(Rgb, 8, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0);
        File.Copy(folder["masks/a.png"], folder["masks/pipe.png"]);
        Task<PreparationReport> running = Task.Run(() => Run(null), TestContext.Current.CancellationToken);
        PreparationReport report = await running.WaitAsync(Longest, TestContext.Current.CancellationToken);
        PreparationFinding problem = Assert.Single(report.Problems);
        Assert.Equal((FindingKind.Unreadable, "images/pipe.png"), (problem.Kind, problem.File));
        Assert.Contains("not an ordinary file", problem.Text, StringComparison.Ordinal);
        Assert.Equal(1, report.Cases);
    }

    [Fact]
    public void A_link_that_leads_to_itself_is_unreadable_and_the_others_are_prepared()
    {
        WriteMask(Rgb, 8, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 0, 0);
        File.Copy(folder["masks/a.png"], folder["masks/loop.png"]);
        SymbolicLink.ToFile(folder["images/loop.png"], folder["images/loop.png"]);
        PreparationReport report = Run(null);
        PreparationFinding problem = Assert.Single(report.Problems);
        Assert.Equal((FindingKind.Unreadable, "images/loop.png"), (problem.Kind, problem.File));
        Assert.Equal(1, report.Cases);
    }

    private void WriteMask(byte colorType, byte depth, params int[] samples) =>
        File.WriteAllBytes(folder["masks/a.png"], PngBuilder.Image(4, 1, depth, colorType, false, samples));

    private PreparationReport Run(string? colors) => PairsPreparation.Run(
        new PairsPreparationOptions
        {
            Images = folder["images"],
            Masks = folder["masks"],
            Output = folder["out"],
            Colors = colors is null ? null : MaskClass.ParseColors(colors),
        },
        cancellation: TestContext.Current.CancellationToken);
}
