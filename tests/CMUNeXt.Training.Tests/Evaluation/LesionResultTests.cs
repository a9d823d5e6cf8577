using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Data;
using CMUNeXt.Training.Evaluation;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class LesionResultTests
{
    [Fact]
    public void Each_lesion_is_judged_by_the_lesion_of_the_truth_that_it_overlaps_best()
    {
        // The largest, of 7 pixels, overlaps a reference of one pixel; the next is exact; the smallest touches nothing.
        IReadOnlyList<LesionResult> found = Of(
            "####..#..###",
            "###.........",
            "............",
            reference:
            [
                "..#......###",
                "............",
                "............",
            ]);
        Assert.Equal(
            [(7, 7 / 11.0, 1 / 7.0), (3, 3 / 11.0, 1), (1, 1 / 11.0, 0)], found.Select(lesion => (lesion.Area, lesion.Share, lesion.Iou)));
    }

    [Fact]
    public void Two_lesions_of_one_truth_are_each_judged_alone()
    {
        IReadOnlyList<LesionResult> found = Of("##.###", reference: ["######"]);
        Assert.Equal([0.5, 2 / 6.0], found.Select(lesion => lesion.Iou));
    }

    [Fact]
    public void A_lesion_is_wrong_where_the_reference_has_another_class()
    {
        // Left, all of a lesion is of the other class; right, half of one.
        const string Row = "11..1122";
        float[] logits =
            [.. Enumerable.Range(0, 3).SelectMany(output => TestMasks.Of(Row).Pixels.Select(label => label == output ? 2f : -2f))];
        Segmentation found = Segmentation.FromLogits(logits, 3, Row.Length, 1, Row.Length, 1, 0.5f);
        Assert.Equal(
            [(1, 2, 0.0, (int?)null), (1, 2, 0.0, null), (2, 2, 2 / 4.0, 1)],
            LesionResult.Of(found, TestMasks.Of("22..2222")).Select(lesion => (lesion.Class, lesion.Area, lesion.Iou, lesion.Reference)));
    }

    [Theory]
    [InlineData("#####.", "??#??.", 1.0)]
    [InlineData("###...", "?##...", 1.0)]
    [InlineData("####..", "?#....", 1 / 3.0)]
    [InlineData("##....", "??....", null)]
    [InlineData("##....", "?.....", 0.0)]
    public void Pixels_of_which_nothing_is_known_count_neither_for_a_lesion_nor_against_it(string row, string reference, double? iou) =>
        Assert.Equal(iou is { } known ? [known] : [], Of(row, [reference]).Select(lesion => lesion.Iou));

    [Fact]
    public void Confidence_is_there_with_a_calibration_only()
    {
        LesionCalibration calibration = new() { Intercept = 1, Slope = 2, Lesions = 9 };
        Assert.Null(Assert.Single(Of("##", reference: ["##"])).Confidence);
        LesionResult lesion = Assert.Single(LesionResult.Of(Segment(["##"], calibration), Truth(["##"])));
        Assert.Equal(calibration.Confidence(lesion.MeanProbability, lesion.Share), lesion.Confidence);
    }

    private static IReadOnlyList<LesionResult> Of(string row, string[] reference) =>
        LesionResult.Of(Segment([row], null), Truth(reference));

    private static IReadOnlyList<LesionResult> Of(string first, string second, string third, string[] reference) =>
        LesionResult.Of(Segment([first, second, third], null), Truth(reference));

    private static Mask Truth(string[] rows) =>
        new(
            rows[0].Length, rows.Length,
            [.. string.Concat(rows).Select(c => c switch { '#' => (byte)1, '?' => IgnoredPixels.Label, _ => (byte)0 })]);

    private static Segmentation Segment(string[] rows, LesionCalibration? calibration)
    {
        float[] logits = [.. string.Concat(rows).Select(c => c == '#' ? 2f : -2f)];
        return Segmentation.FromLogits(logits, 1, rows[0].Length, rows.Length, rows[0].Length, rows.Length, 0.5f, calibration);
    }
}
