namespace CMUNeXt.Backends;

/// <summary>The cases of one iteration, resized and normalized.</summary>
/// <param name="Count">The number of cases.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Input">Count x channels x Height x Width values.</param>
/// <param name="Target">Count x Height x Width class indices, 0 the background.</param>
public sealed record Batch(int Count, int Height, int Width, float[] Input, byte[] Target)
{
    // The exponential of it is 0.
    private const float Never = -1e4f;

    /// <summary>A teacher's logits of the same images, Count x outputs x Height x Width; null where there is no teacher.</summary>
    public float[]? TeacherLogits { get; init; }

    /// <summary>
    /// The pixels that nothing is known of, Count x Height x Width, whose target is the background; null where all are known.
    /// </summary>
    public bool[]? Ignored { get; init; }

    /// <summary>
    /// Makes the logits of ignored pixels those of certain background, so that they add nothing to a loss, a gradient or a metric.
    /// </summary>
    /// <param name="logits">Count x outputs x Height x Width.</param>
    /// <param name="outputs">Planes of logits.</param>
    public void Settle(Span<float> logits, int outputs)
    {
        int plane = Height * Width;
        for (int i = 0; i < Ignored?.Length; i++)
        {
            for (int c = 0; Ignored[i] && c < outputs; c++)
            {
                logits[(((i / plane * outputs) + c) * plane) + (i % plane)] = outputs > 1 && c == 0 ? 0 : Never;
            }
        }
    }
}
