namespace CMUNeXt.Engine.Inference;

/// <summary>How long a step takes, and what it cannot do without.</summary>
/// <param name="Name">The name of its tensors in the state dict.</param>
/// <param name="Milliseconds">The median over the images.</param>
/// <param name="MultiplyAdds">Its multiply-adds, as its algorithm needs them; transforms, sums and activations are not counted.</param>
/// <param name="Bytes">What it reads and writes at least: its input and output, and its weights, each once.</param>
public sealed record StepTiming(string Name, double Milliseconds, long MultiplyAdds, long Bytes);
