namespace CMUNeXt.Training.Evaluation;

/// <summary>What became of one case of an evaluation.</summary>
/// <param name="Place">Its place among all cases, from 0.</param>
/// <param name="Result">What was measured; null where it could not be judged.</param>
/// <param name="Failure">Why it could not be judged, in one line; null where it was.</param>
/// <param name="WasSeen">Whether the weights were trained on its image, or chosen by it.</param>
internal sealed record JudgedCase(int Place, CaseResult? Result, string? Failure = null, bool WasSeen = false)
{
    /// <summary>The SHA-256 of the files that it was judged by; null where it was not taken.</summary>
    public string? Files { get; init; }
}
