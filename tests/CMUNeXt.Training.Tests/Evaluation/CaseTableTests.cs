using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Tests.Evaluation;

public sealed class CaseTableTests
{
    private const string Head = "case,subgroup,unit,class,class_name,outcome,reference_area,predicted_area,"
        + "presence,has_ignored,reference_sha256,"
        + "iou,dice,f1,sensitivity,precision,specificity,accuracy,hd95,assd,"
        + "iou_as_published,dice_as_published,f1_as_published,sensitivity_as_published,precision_as_published,"
        + "specificity_as_published,accuracy_as_published,dice_coef_as_published";

    [Fact]
    public void A_row_for_each_case_and_class_with_nothing_for_undefined()
    {
        string csv = CaseTable.Csv(
            Results.Info("first", "second"), [Results.Drawn("benign (3)", "11..", "1...", 2)], Results.Ungrouped);
        Assert.Equal(
            $"{Head}\r\n"
            + $"benign (3),benign,,1,first,both_present,2,1,,0,,0.5,{2.0 / 3:R},{2.0 / 3:R},0.5,1,1,0.75,0.95,{1.0 / 3:R},,,,,,,,\r\n"
            + "benign (3),benign,,2,second,correctly_empty,0,0,,0,,,,,,,1,1,,,,,,,,,,\r\n",
            csv);
    }

    [Fact]
    public void The_metrics_as_published_stand_in_their_own_columns()
    {
        MetricsAsPublished published = new()
        {
            Iou = 0.125, Dice = 0.25, F1 = 0.375, Sensitivity = 0.5, Precision = 0.625, Specificity = 0.75, Accuracy = 0.875,
            DiceCoef = 0.0625,
        };
        string csv = CaseTable.Csv(Results.Info(), [Results.Drawn("a", "..", "11") with { AsPublished = published }], Results.Ungrouped);
        Assert.EndsWith("a,,,1,lesion,false_positive,0,2,,0,,0,0,0,,0,0,0,,,0.125,0.25,0.375,0.5,0.625,0.75,0.875,0.0625\r\n", csv);
    }

    [Fact]
    public void An_image_without_a_lesion_but_with_ignored_pixels_is_uncertain_and_has_no_metrics()
    {
        string csv = CaseTable.Csv(Results.Info(), [Results.Drawn("a", "..", "1.") with { HasIgnored = true }], Results.Ungrouped);
        Assert.EndsWith("a,,,1,lesion,uncertain,0,1,,1,,,,,,,,,,,,,,,,,,\r\n", csv);
    }

    [Fact]
    public void A_negative_presence_is_a_number_and_a_name_that_begins_like_one_a_text()
    {
        string csv = CaseTable.Csv(Results.Info(), [Results.Drawn("-3", "..", "..") with { Presence = -2.5 }], Results.Ungrouped);
        Assert.Contains("\r\n'-3,,,1,lesion,correctly_empty,0,0,-2.5,0,", csv);
    }

    [Fact]
    public void Names_with_commas_and_quotes_are_quoted_and_line_breaks_written_out()
    {
        string csv = CaseTable.Csv(Results.Info("a,b"), [Results.Drawn("say \"hi\"\nthere", "..", "..")], Results.Ungrouped);
        Assert.Contains("\r\n\"say \"\"hi\"\"\\u000athere\",,,1,\"a,b\",correctly_empty,", csv);
    }
}
