using CMUNeXt.Ranks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Backends;

/// <summary>A network in training, as a backend offers it. Not safe for several threads at once.</summary>
public interface ITrainable : IDisposable
{
    /// <summary>Makes one iteration: forward in training mode, loss, backward, optimizer.</summary>
    /// <param name="batch">The cases of the iteration.</param>
    /// <param name="learningRate">The learning rate, above 0.</param>
    /// <returns>The loss, and the logits that it was computed from: batch x outputs x height x width.</returns>
    (double Loss, float[] Logits) Iterate(Batch batch, double learningRate);

    /// <summary>Computes loss and logits in evaluation mode, of the average of the weights where one is kept; without a teacher.</summary>
    /// <param name="batch">The cases.</param>
    /// <returns>As of <see cref="Iterate"/>.</returns>
    (double Loss, float[] Logits) Evaluate(Batch batch);

    /// <summary>The number of cases that are evaluated at once with the least time: 1, where a single one keeps the device busy.</summary>
    int EvaluationBatch => 1;

    /// <summary>
    /// Shares each iteration from now on with other processes: each has some of its cases, which may be none, and all get the loss and the
    /// weights that one process with all cases would get.
    /// </summary>
    /// <param name="communicator">The processes. <see cref="Iterate"/> is called by all of them, as often.</param>
    /// <exception cref="NotSupportedException">The backend trains in one process only.</exception>
    void Join(ICommunicator communicator) => throw new NotSupportedException("this backend trains in one process only");

    /// <summary>
    /// Called before each iteration, so that whatever is drawn at random in it depends on these two, and not on earlier draws.
    /// </summary>
    /// <param name="seed">The seed of the training.</param>
    /// <param name="iteration">The number of iterations made before.</param>
    void Seed(ulong seed, long iteration);

    /// <summary>A copy of the weights, in the order of the state dict.</summary>
    StateDict CopyWeights();

    /// <summary>
    /// A copy of the average of the weights over the iterations, in the order of the state dict; null where none is kept.
    /// </summary>
    StateDict? CopyAverage() => null;

    /// <summary>A copy of what the optimizer remembers.</summary>
    StateDict CopyOptimizer();

    /// <summary>Goes on from weights, and from what the optimizer remembered with them.</summary>
    /// <param name="weights">All tensors of the network.</param>
    /// <param name="optimizer">What <see cref="CopyOptimizer"/> gave; null starts the optimizer anew.</param>
    /// <param name="average">What <see cref="CopyAverage"/> gave; null begins an average, where one is kept, with the weights.</param>
    /// <exception cref="ArgumentException">The tensors are not those of the network.</exception>
    void Restore(StateDict weights, StateDict? optimizer, StateDict? average = null);
}
