namespace CMUNeXt.Training.Preparation;

/// <summary>How far a preparation is.</summary>
/// <param name="Done">The images that are done.</param>
/// <param name="Total">All images.</param>
public readonly record struct PreparationProgress(int Done, int Total);
