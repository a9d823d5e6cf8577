using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Imaging.Tests.Formats;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Evaluation;

/// <summary>Masks of other programs: an image of four pixels, the left half of which is the lesion.</summary>
public sealed class EvaluatorTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public EvaluatorTests()
    {
        folder.WriteGray("images/a.png", 10, 20, 30, 40);
        folder.WriteGray("masks/0/a.png", 255, 255, 0, 0);
    }

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, 255, 255, 0, 0)]
    [InlineData(1, 1, 1, 0, 0)]
    [InlineData(1, 250, 240, 3, 100)]
    [InlineData(0.5, 255, 0, 0, 0)]
    [InlineData(0, 0, 0, 0, 0)]
    public void A_mask_of_0_and_255_or_of_0_and_1_is_judged(double iou, byte a, byte b, byte c, byte d)
    {
        folder.WriteGray("other/a.png", a, b, c, d);
        Assert.Equal(iou, Judge().Classes[0].Confusion.Iou);
    }

    // A case that shows the highest index alone looks as one of 0 and 255 does.
    [Fact]
    public void Of_several_classes_the_indices_of_few_bits_are_those_that_are_stored()
    {
        folder.WriteGray("masks/1/a.png", 0, 0, 0, 0);
        File.WriteAllBytes(folder["other/a.png"], PngBuilder.Image(4, 2, 1, 0, false, [1, 1, 0, 0, 1, 1, 0, 0]));
        Assert.Equal(1.0, Judge(classes: 2).Classes[0].Confusion.Iou);
    }

    [Theory]
    [InlineData("caf\u00e9", "cafe\u0301_mask")]
    [InlineData("cafe\u0301", "cafe\u0301")]
    [InlineData("cafe\u0301", "caf\u00e9_mask")]
    public void A_mask_is_found_however_its_name_and_that_of_the_image_are_written(string image, string mask)
    {
        folder.WriteGray($"images/{image}.png", 10, 20, 30, 40);
        folder.WriteGray($"masks/0/{image}.png", 255, 255, 0, 0);
        folder.WriteGray($"other/{mask}.png", 255, 255, 0, 0);
        Case found = Assert.Single(DataSet.Open(folder.Path).Resolve(["caf\u00e9"], "the test"));
        Assert.Equal(1.0, Evaluator.OfPredictions(folder["other"], 1).Judge(found).Result.Classes[0].Confusion.Iou);
    }

    [Fact]
    public void What_cannot_be_known_to_be_a_mask_is_refused()
    {
        folder.WriteGray("other/a.png", 100, 100, 0, 0);
        Assert.Contains("the largest value is 100", Assert.Throws<BadFileException>(() => Judge()).Message, StringComparison.Ordinal);
        ImageFile.SavePng(
            folder["other/a.png"], new Image(4, 2, 3, [.. Enumerable.Repeat<byte[]>([255, 0, 0], 8).SelectMany(pixel => pixel)]));
        Assert.Contains("colored", Assert.Throws<BadFileException>(() => Judge()).Message, StringComparison.Ordinal);
        folder.WriteGray("other/a.png", 255, 255, 0);
        Assert.Contains(
            "is 3 x 2, and the image is 4 x 2", Assert.Throws<BadFileException>(() => Judge()).Message, StringComparison.Ordinal);
    }

    private CaseResult Judge(int classes = 1) =>
        Evaluator.OfPredictions(folder["other"], classes).Judge(Assert.Single(DataSet.Open(folder.Path).Resolve(["a"], "the test"))).Result;
}
