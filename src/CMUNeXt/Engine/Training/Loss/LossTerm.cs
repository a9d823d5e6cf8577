using CMUNeXt.Engine.Training.Passes;

namespace CMUNeXt.Engine.Training.Loss;

/// <summary>A part of the loss beside that of the masks, which adds its gradient to theirs.</summary>
internal abstract class LossTerm : Pass
{
    /// <summary>Its part of the loss of the batch.</summary>
    public double Value { get; protected set; }
}
