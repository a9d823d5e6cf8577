using CMUNeXt.Networks;

namespace CMUNeXt.Backends;

/// <summary>
/// What a backend needs to know of a training: optimizer, loss and seed. The defaults are the published protocol of CMUNeXt.
/// </summary>
public sealed record TrainableSettings
{
    /// <summary>The seed of the starting weights.</summary>
    public ulong Seed { get; init; } = 41;

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>The momentum of SGD, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>The weight decay, at least 0.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>
    /// Whether it is for the weights of convolutions and linear layers alone: no bias, no normalization, no depthwise convolution. Tables
    /// of positions, which networks with attention have, count as such weights.
    /// </summary>
    public bool DecaysConvolutionsOnly { get; init; }

    /// <summary>The largest norm of all gradients together: larger ones are scaled down to it; 0 leaves them as they are.</summary>
    public double ClipNorm { get; init; }

    /// <summary>
    /// The decay of an average of the weights over the iterations (EMA), running means and variances included: the lesser of this and
    /// (1 + t) / (10 + t) after t iterations. 0 keeps no average. Where there is one, it is what is evaluated.
    /// </summary>
    public double AverageDecay { get; init; }

    /// <summary>The weight of the cross-entropy, at least 0. With several classes it is that of the softmax.</summary>
    public double CrossEntropy { get; init; } = 0.5;

    /// <summary>
    /// The weight of the Dice loss, at least 0, and above 0 where the cross-entropy has none. With several classes the loss is the mean
    /// over those that are not background.
    /// </summary>
    public double Dice { get; init; } = 1;

    /// <summary>Whether the Dice loss is that of all images of a batch together, so that an empty mask has a gradient too.</summary>
    public bool DiceOfBatch { get; init; }

    /// <summary>
    /// The exponent g of the focal loss (Lin et al., ICCV 2017), 0 or at least 1: a pixel's cross-entropy counts (1 - q)^g, q being the
    /// probability of its class. 0 is cross-entropy itself.
    /// </summary>
    public double Focal { get; init; }

    /// <summary>
    /// What false positives weigh in the Dice loss, above 0: with 0.5 for both it is Dice's, else that of Tversky (Salehi et al., 2017),
    /// 1 - (I + s / 2) / (I + this x false positives + the other x false negatives + s / 2).
    /// </summary>
    public double TverskyFalsePositives { get; init; } = 0.5;

    /// <summary>What false negatives weigh, above 0.</summary>
    public double TverskyFalseNegatives { get; init; } = 0.5;

    /// <summary>
    /// What the cross-entropy of a pixel of each class counts, the background first (with one class there are two); null counts all alike.
    /// The mean stays one over all pixels.
    /// </summary>
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>
    /// The share of pixels, the worst ones, that the cross-entropy of a healthy image (an empty mask) is the mean of; 1 takes all pixels,
    /// as of every other image.
    /// </summary>
    public double HealthyPixels { get; init; } = 1;

    /// <summary>
    /// The weight of the cross-entropy of "there is a lesion", from the logits of the whole image; 0 leaves it out. For one class.
    /// </summary>
    public double Presence { get; init; }

    /// <summary>
    /// The weight of the cross-entropy with a teacher's softened probabilities, of batches that have a teacher's logits; the loss of the
    /// masks has the rest. 0 to 1.
    /// </summary>
    public double Distillation { get; init; } = 0.5;

    /// <summary>What logits are divided by before they are compared with a teacher's, at least 1.</summary>
    public double Temperature { get; init; } = 2;

    /// <summary>Checks that a network can be trained so.</summary>
    /// <param name="network">The network.</param>
    /// <exception cref="ArgumentException">A loss is not for its classes, or two of the settings exclude each other.</exception>
    public void CheckFor(NetworkDescription network)
    {
        ArgumentNullException.ThrowIfNull(network);
        int classes = Math.Max(network.Outputs, 2);
        if (Presence > 0 && network.Outputs != 1)
        {
            throw new ArgumentException("The loss of the presence is for one class.");
        }

        if (ClassWeights is { } weights && weights.Count != classes)
        {
            throw new ArgumentException(
                $"There must be {classes} weights of classes (--class-weights), that of the background first, not {weights.Count}.");
        }

        if (HealthyPixels < 1 && (Focal > 0 || ClassWeights is not null))
        {
            throw new ArgumentException(
                "The worst pixels of healthy images do not go together with a focal loss or weights of classes; let healthy pixels be 1.");
        }
    }

    /// <summary>Whether weight decay is for a parameter.</summary>
    /// <param name="shape">
    /// Its shape; a depthwise convolution has one input channel, and so has the first one of a network that sees gray: it is taken for one.
    /// </param>
    public bool Decays(IReadOnlyList<int> shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return !DecaysConvolutionsOnly || (shape.Count > 1 && shape[1] > 1);
    }

    /// <summary>The share of an average that an iteration keeps.</summary>
    /// <param name="iterations">The number of iterations made, this one included.</param>
    public double AverageDecayAt(long iterations) => Math.Min(AverageDecay, (1.0 + iterations) / (10.0 + iterations));
}
