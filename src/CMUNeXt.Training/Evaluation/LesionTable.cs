using System.Globalization;
using System.Text;
using CMUNeXt.Files;

namespace CMUNeXt.Training.Evaluation;

/// <summary>
/// The table <c>lesions.csv</c> (RFC 4180): a row for each lesion that a network found, those of a case the largest first.
/// </summary>
internal static class LesionTable
{
    /// <summary>Builds the table.</summary>
    public static string Csv(EvaluationInfo info, IReadOnlyList<CaseResult> cases)
    {
        StringBuilder text = new("case,subgroup,class_name,area,share,mean_probability,iou,confidence\r\n");
        foreach (CaseResult result in cases)
        {
            foreach (LesionResult lesion in result.Lesions)
            {
                string lead = string.Join(
                    ',', new[] { result.Name, result.Subgroup ?? "", info.Classes[lesion.Class - 1] }.Select(CsvField.Of));
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{lead},{lesion.Area},{lesion.Share:R},{lesion.MeanProbability:R},{lesion.Iou:R},{lesion.Confidence:R}\r\n");
            }
        }

        return text.ToString();
    }
}
