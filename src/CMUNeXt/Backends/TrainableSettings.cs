namespace CMUNeXt.Backends;

/// <summary>What a backend needs to know of a training: optimizer, loss and seed. The defaults are the published protocol of CMUNeXt.</summary>
public sealed record TrainableSettings
{
    /// <summary>The seed of the starting weights.</summary>
    public ulong Seed { get; init; } = 41;

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>The momentum of SGD, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>The weight decay on every parameter, at least 0.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>The loss.</summary>
    public LossKind Loss { get; init; } = LossKind.CrossEntropyDice;
}

/// <summary>The optimizers.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with momentum.</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov, Hutter, 2019), beta 0.9 and 0.999, epsilon 1e-8.</summary>
    AdamW,
}

/// <summary>
/// The losses. With several classes the cross-entropy is that of the softmax and the Dice loss is averaged over the classes that are not
/// background.
/// </summary>
public enum LossKind
{
    /// <summary>0.5 x cross-entropy + Dice loss.</summary>
    CrossEntropyDice,

    /// <summary>Cross-entropy alone.</summary>
    CrossEntropy,

    /// <summary>Dice loss alone.</summary>
    Dice,
}
