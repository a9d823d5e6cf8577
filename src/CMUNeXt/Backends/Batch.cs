namespace CMUNeXt.Backends;

/// <summary>The cases of one iteration, resized and normalized.</summary>
/// <param name="Count">The number of cases.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Input">Count x channels x Height x Width values.</param>
/// <param name="Target">Count x Height x Width class indices, 0 the background.</param>
public sealed record Batch(int Count, int Height, int Width, float[] Input, byte[] Target)
{
    /// <summary>A teacher's logits of the same images, Count x outputs x Height x Width; null where there is no teacher.</summary>
    public float[]? TeacherLogits { get; init; }
}
