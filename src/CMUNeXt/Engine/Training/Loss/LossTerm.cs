using CMUNeXt.Engine.Training.Passes;

namespace CMUNeXt.Engine.Training.Loss;

/// <summary>A part of the loss beside that of the masks, which adds its gradient to theirs.</summary>
internal abstract class LossTerm : Pass
{
    /// <summary>Its part of the loss of the batch.</summary>
    public double Value { get; protected set; }

    /// <summary>The sum over all images, those of other ranks too, in their order.</summary>
    /// <param name="images">A value for each image of this process.</param>
    protected double AddUp(ReadOnlySpan<double> images)
    {
        double sum = 0;
        foreach (double value in Batch.Gather(images, 1))
        {
            sum += value;
        }

        return sum;
    }
}
