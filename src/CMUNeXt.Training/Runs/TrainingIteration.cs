namespace CMUNeXt.Training.Runs;

/// <summary>What a training says of itself while it works.</summary>
/// <param name="Epoch">The epoch under way, from 0.</param>
/// <param name="Epochs">The number of epochs.</param>
/// <param name="Iteration">The iterations made in the epoch.</param>
/// <param name="Iterations">The iterations of an epoch.</param>
/// <param name="Validated">The validation cases done in the epoch.</param>
/// <param name="ValidationCases">The validation cases.</param>
/// <param name="Loss">The loss of the iteration, or of the validation so far.</param>
/// <param name="Completed">The epoch's record, once it is complete.</param>
public sealed record TrainingIteration(
    int Epoch, int Epochs, int Iteration, int Iterations, int Validated, int ValidationCases, double Loss, EpochRecord? Completed);
