using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Tests;
using CMUNeXt.Training.Phantoms;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Training.Tests.Preparation;

/// <summary>Masks whose values say that they are something else, or the other way round.</summary>
public sealed class SuspectMaskTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Images_in_the_place_of_masks_are_refused()
    {
        Image image = PhantomGenerator.Create(7, 0).Image;
        ImageFile.SavePng(folder["images/a.png"], new Image(image.Width, image.Height, 1, new byte[image.Width * image.Height]));
        ImageFile.SavePng(folder["masks/a.png"], image);

        PreparationFinding problem = Assert.Single(Run().Problems);

        Assert.Equal((FindingKind.MaskValues, "masks/a.png"), (problem.Kind, problem.File));
        Assert.EndsWith(
            "seems to be an image, or probabilities, and no mask; for a label map say which values are classes (--labels)", problem.Text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_for_pixels_to_ignore_is_not_the_lesion()
    {
        folder.WriteGray("images/a.png", 1, 2, 3);
        folder.WriteGray("masks/a.png", 0, 1, 255);

        PreparationFinding problem = Assert.Single(Run().Problems);

        Assert.Equal(FindingKind.MaskValues, problem.Kind);
        Assert.StartsWith("besides 0 and 255 it holds 1", problem.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_do_not_fit_a_mask_of_0_and_255_do_not_make_it_empty()
    {
        folder.WriteGray("images/a.png", 1, 2, 3);
        folder.WriteGray("masks/a.png", 0, 0, 255);
        Assert.Equal(FindingKind.MaskValues, Assert.Single(Run(o => o with { Labels = MaskClass.ParseLabels("1") }).Problems).Kind);
    }

    [Fact]
    public void An_inverted_mask_is_remarked()
    {
        byte[] ring = [.. Enumerable.Range(0, 64).Select(i => (byte)(i % 8 is 3 or 4 && i / 8 is 3 or 4 ? 0 : 255))];
        ImageFile.SavePng(folder["images/a.png"], new Image(8, 8, 1, new byte[64]));
        ImageFile.SavePng(folder["masks/a.png"], new Image(8, 8, 1, ring));
        Assert.Equal(FindingKind.InvertedMask, Assert.Single(Run().Remarks).Kind);

        ImageFile.SavePng(folder["masks/a.png"], new Image(8, 8, 1, Array.ConvertAll(ring, value => (byte)(255 - value))));
        Assert.Empty(Run(o => o with { Overwrite = true }).Remarks);
    }

    // That of a healthy image has no background. A map of several classes may have none either.
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1, 2, false)]
    public void A_mask_without_background_is_remarked_where_it_shows_one_class(byte left, byte right, bool remarked)
    {
        folder.WriteGray("images/a.png", 1, 2);
        folder.WriteGray("masks/a.png", left, right);
        FindingKind[] expected = remarked ? [FindingKind.InvertedMask] : [];
        Assert.Equal(expected, Run(o => o with { Labels = MaskClass.ParseLabels("1,2") }).Remarks.Select(remark => remark.Kind));
    }

    private PreparationReport Run(Func<PairsPreparationOptions, PairsPreparationOptions>? change = null)
    {
        PairsPreparationOptions options = new() { Images = folder["images"], Masks = folder["masks"], Output = folder["out"] };
        return PairsPreparation.Run(change?.Invoke(options) ?? options, cancellation: TestContext.Current.CancellationToken);
    }
}
