using CMUNeXt.Masks;
using CMUNeXt.Training.Evaluation;
using CMUNeXt.Training.Metrics;

namespace CMUNeXt.Training.Tests.Evaluation;

/// <summary>Results of cases for tests, measured on rows of pixels.</summary>
internal static class Results
{
    /// <summary>Every case is a unit, and there are no subgroups.</summary>
    public static CaseGrouping Ungrouped { get; } = new(null, null, []);

    public static EvaluationInfo Info(params string[] classes) => new()
    {
        Data = "phantoms",
        List = "val.txt",
        Classes = classes.Length == 0 ? ["lesion"] : classes,
        Weights = "best.safetensors",
        WeightsSha256 = "ab12",
        Model = "cmunext-s",
        Backend = "managed",
    };

    /// <summary>What an evaluation without units and subgroups says of cases.</summary>
    public static EvaluationSummary Summarize(EvaluationInfo info, IReadOnlyList<CaseResult> cases) =>
        EvaluationSummary.Of(info, cases, Ungrouped);

    /// <summary>A case of one class whose IoU is <paramref name="overlap"/> / 100.</summary>
    public static CaseResult Overlapping(string name, int overlap)
    {
        byte[] prediction = new byte[200];
        prediction.AsSpan(0, overlap).Fill(1);
        byte[] reference = new byte[200];
        reference.AsSpan(0, 100).Fill(1);
        return new CaseResult(name, [SegmentationMetrics.Of(new Mask(200, 1, reference), new Mask(200, 1, prediction))]);
    }

    /// <summary>A case from drawn masks: a digit is a class, a dot the background.</summary>
    public static CaseResult Drawn(string name, string reference, string prediction, int classes = 1) =>
        new(name, SegmentationMetrics.OfClasses(Mask(reference), Mask(prediction), classes));

    private static Mask Mask(string row) => new(row.Length, 1, [.. row.Select(static c => c == '.' ? (byte)0 : (byte)(c - '0'))]);
}
