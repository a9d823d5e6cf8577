namespace CMUNeXt.Training.Preparation;

/// <summary>How far a preparation is.</summary>
/// <param name="Done">The pictures that are done.</param>
/// <param name="Total">All pictures.</param>
public readonly record struct PreparationProgress(int Done, int Total);
