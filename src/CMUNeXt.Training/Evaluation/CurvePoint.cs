namespace CMUNeXt.Training.Evaluation;

/// <summary>A point of a curve.</summary>
/// <param name="X">What goes to the right: a false-positive rate, or false positives an image.</param>
/// <param name="Y">The sensitivity, in [0, 1].</param>
public readonly record struct CurvePoint(double X, double Y);
