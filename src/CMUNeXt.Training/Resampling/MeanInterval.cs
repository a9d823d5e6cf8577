namespace CMUNeXt.Training.Resampling;

/// <summary>An interval that holds a mean with 95 %, by the bootstrap.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public sealed record MeanInterval(double Low, double High);
