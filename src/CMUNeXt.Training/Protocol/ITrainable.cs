using CMUNeXt.Weights;

namespace CMUNeXt.Training.Protocol;

/// <summary>A network that learns: what a backend for training offers. Not safe for several threads at once.</summary>
public interface ITrainable : IDisposable
{
    /// <summary>Makes one step: forward in training mode, loss, gradients, optimiser.</summary>
    /// <param name="batch">The cases of the step.</param>
    /// <param name="rate">The learning rate.</param>
    /// <returns>The loss, and the logits that it was computed from.</returns>
    LossAndLogits Step(Batch batch, double rate);

    /// <summary>Computes loss and logits in evaluation mode.</summary>
    LossAndLogits Evaluate(Batch batch);

    /// <summary>Called before each step, so that whatever a network draws at random in it is a function of these two, and not of what was drawn before.</summary>
    /// <param name="seed">The protocol's seed.</param>
    /// <param name="step">The number of steps made before.</param>
    void Seed(ulong seed, long step);

    /// <summary>A copy of the weights, in the order of the state dict.</summary>
    StateDict CopyWeights();

    /// <summary>A copy of what the optimiser remembers.</summary>
    StateDict CopyOptimiser();

    /// <summary>Goes on from weights, and from what the optimiser remembered with them.</summary>
    /// <param name="weights">All tensors of the network.</param>
    /// <param name="optimiser">What <see cref="CopyOptimiser"/> gave; null starts the optimiser anew.</param>
    void Restore(StateDict weights, StateDict? optimiser);
}

/// <summary>The loss of a batch, and its logits: batch x outputs x height x width.</summary>
public readonly record struct LossAndLogits(double Loss, float[] Logits);

/// <summary>The cases of one step, resized and normalised.</summary>
/// <param name="Count">The number of cases.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Input">Count x channels x Height x Width values.</param>
/// <param name="Target">Count x Height x Width class indices, 0 the background.</param>
public sealed record Batch(int Count, int Height, int Width, float[] Input, byte[] Target);
