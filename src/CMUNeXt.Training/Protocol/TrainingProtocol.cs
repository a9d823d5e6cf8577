using System.Text.Json.Serialization;
using CMUNeXt.Backends;
using CMUNeXt.Images;
using CMUNeXt.Training.Augmentations;

namespace CMUNeXt.Training.Protocol;

/// <summary>Every setting of a training; the defaults are the published protocol of CMUNeXt.</summary>
public sealed record TrainingProtocol
{
    private const double MostHealthy = 1.0 / 3;

    // All images of a batch are one array.
    private const long MaximumBatchPixels = 1 << 28;

    /// <summary>The number of epochs, at least 1. The schedule reaches its end with the last.</summary>
    public int Epochs { get; init; } = 300;

    /// <summary>The number of cases in an iteration, at least 1; the last batch of an epoch may be smaller.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>The width of the network's input in pixels, a multiple of 16.</summary>
    public int Width { get; init; } = 256;

    /// <summary>The height of the network's input in pixels, a multiple of 16.</summary>
    public int Height { get; init; } = 256;

    /// <summary>The seed of the starting weights, of the order of the cases and of their augmentation.</summary>
    public ulong Seed { get; init; } = 41;

    /// <summary>The optimizer.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>The first learning rate, above 0.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>The momentum of SGD, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>The weight decay, at least 0.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>The parameters that it is for.</summary>
    public DecayKind DecayOn { get; init; } = DecayKind.All;

    /// <summary>The epochs in which the learning rate grows from 0 to its full value, at least 0, below <see cref="Epochs"/>.</summary>
    public int WarmUp { get; init; }

    /// <summary>The most norm of all gradients together: larger ones are scaled down to it; 0 leaves them as they are.</summary>
    public double ClipNorm { get; init; }

    /// <summary>
    /// The decay of an average of the weights over the iterations, running means and variances included: min(this, (1 + t) / (10 + t))
    /// after t iterations. 0 keeps no average. Where there is one, it is what is validated, and what the best weights are.
    /// </summary>
    public double AverageDecay { get; init; }

    /// <summary>How the learning rate goes on.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Polynomial;

    /// <summary>The loss.</summary>
    public LossKind Loss { get; init; } = LossKind.CrossEntropyDice;

    /// <inheritdoc cref="TrainableSettings.Focal"/>
    public double Focal { get; init; }

    /// <inheritdoc cref="TrainableSettings.TverskyFalsePositives"/>
    public double TverskyFalsePositives { get; init; } = 0.5;

    /// <inheritdoc cref="TrainableSettings.TverskyFalseNegatives"/>
    public double TverskyFalseNegatives { get; init; } = 0.5;

    /// <inheritdoc cref="TrainableSettings.ClassWeights"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<double>? ClassWeights { get; init; }

    /// <summary>
    /// The share of pixels, the worst ones, that the cross-entropy of a healthy image (an empty mask) is the mean of; 1 takes all pixels,
    /// as of every other image.
    /// </summary>
    public double HealthyPixels { get; init; } = 1;

    /// <summary>
    /// The weight of the cross-entropy of "there is a lesion", from the log-mean-exp of the logits; 0 leaves it out. For one class.
    /// </summary>
    public double Presence { get; init; }

    /// <summary>
    /// The weight of the cross-entropy with teachers' softened probabilities; the loss itself weighs 1 less. Used where there are teachers.
    /// </summary>
    public double Distillation { get; init; } = 0.5;

    /// <summary>What logits are divided by before they are compared with teachers', at least 1.</summary>
    public double Temperature { get; init; } = 2;

    /// <summary>
    /// The share of healthy images (an empty mask) in the batches, at most a third: a batch has so many, rounded down or up to an image,
    /// and a last one of few cases at most a third. An epoch has to have a place for one. 0 takes every case once an epoch, whatever it
    /// shows.
    /// </summary>
    public double HealthyShare { get; init; }

    /// <summary>
    /// The share of the cases, from 0 to 1, below which a class is rare: a case is drawn sqrt(this / the share of the cases with its rarest
    /// class) times in an epoch, at least once (Gupta, Dollar, Girshick, CVPR 2019). 0 draws all alike.
    /// </summary>
    public double Oversample { get; init; }

    /// <summary>What is done to the cases.</summary>
    public AugmentationKind Augmentation { get; init; } = AugmentationKind.RotateFlip;

    /// <summary>How strongly images are changed where the augmentation is that of ultrasound.</summary>
    public UltrasoundAugmentation Ultrasound { get; init; } = new();

    /// <summary>
    /// What chooses the best epoch. Null takes the IoU as published where every case of both lists holds every class, and else the IoU of
    /// the masks: as published, an empty mask of an empty case is perfect, and the best network would be the one that finds nothing.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SelectionKind? Select { get; init; }

    /// <summary>Training stops when what chooses the best epoch has not risen for this many epochs; null trains all epochs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Patience { get; init; }

    // Two quarter turns and a flip left to right are a flip top to bottom.
    internal bool ShowsUpsideDown => Augmentation switch
    {
        AugmentationKind.RotateFlip => true,
        AugmentationKind.Ultrasound => Ultrasound.VerticalFlip > 0 || Ultrasound.QuarterTurns > 0,
        _ => false,
    };

    /// <summary>What a backend needs to know of these settings.</summary>
    public TrainableSettings ToTrainableSettings() => new()
    {
        Seed = Seed,
        Optimizer = Optimizer,
        Momentum = Momentum,
        WeightDecay = WeightDecay,
        DecaysConvolutionsOnly = DecayOn == DecayKind.Convolutions,
        ClipNorm = ClipNorm,
        AverageDecay = AverageDecay,
        CrossEntropy = Loss switch { LossKind.CrossEntropyDice => 0.5, LossKind.Dice => 0, _ => 1 },
        Dice = Loss == LossKind.CrossEntropy ? 0 : 1,
        DiceOfBatch = Loss == LossKind.CrossEntropyBatchDice,
        Focal = Focal,
        TverskyFalsePositives = TverskyFalsePositives,
        TverskyFalseNegatives = TverskyFalseNegatives,
        ClassWeights = ClassWeights,
        HealthyPixels = HealthyPixels,
        Presence = Presence,
        Distillation = Distillation,
        Temperature = Temperature,
    };

    /// <summary>The learning rate of an iteration.</summary>
    /// <param name="iteration">The number of iterations made before it.</param>
    /// <param name="iterations">The number of iterations of the whole training.</param>
    /// <remarks>
    /// The original code changes the learning rate after each iteration by the number of that iteration, from 0: so the first two
    /// iterations have the first one, and an iteration t after them that of t - 1.
    /// </remarks>
    public double LearningRateAt(long iteration, long iterations)
    {
        // The product first: iterations are a multiple of the epochs, and a quotient that is rounded up would make the warm-up longer.
        double warmUp = (double)(WarmUp * iterations) / Epochs;
        if (iteration < warmUp)
        {
            return LearningRate * (iteration + 1) / warmUp;
        }

        double done = Math.Max(iteration - warmUp - 1, 0) / (iterations - warmUp);
        return Schedule switch
        {
            ScheduleKind.Polynomial => LearningRate * Math.Pow(1 - done, 0.9),
            ScheduleKind.Cosine => LearningRate * (1 + Math.Cos(Math.PI * done)) / 2,
            _ => LearningRate,
        };
    }

    /// <summary>Says what is wrong with the settings.</summary>
    /// <returns>One sentence, or null where all is well.</returns>
    public string? FindFault() =>
        Epochs < 1 ? "there must be at least 1 epoch"
        : Batch < 1 ? "a batch has at least 1 case"
        : Width < 16 || Width % 16 != 0 || Height < 16 || Height % 16 != 0
            ? $"the size must be a multiple of 16 pixels, not {Width} x {Height}"
        : Width > Preprocessing.MaximumSide || Height > Preprocessing.MaximumSide
            ? $"the size is at most {Preprocessing.MaximumSide} x {Preprocessing.MaximumSide} pixels, not {Width} x {Height}"
        : (long)Batch * Width * Height > MaximumBatchPixels ? $"a batch of {Batch} images of {Width} x {Height} pixels is too large"
        : !(LearningRate > 0) || !double.IsFinite(LearningRate) ? "the learning rate must be above 0"
        : !(Momentum >= 0 && Momentum < 1) ? "the momentum must be at least 0 and below 1"
        : !(WeightDecay >= 0) || !double.IsFinite(WeightDecay) ? "the weight decay must be at least 0"
        : WarmUp < 0 || (WarmUp > 0 && WarmUp >= Epochs)
            ? $"the warm-up (epochs: {WarmUp}) must be shorter than the training (epochs: {Epochs}), or 0"
        : !(ClipNorm >= 0) || !double.IsFinite(ClipNorm) ? "the most norm of the gradients must be at least 0"
        : !(AverageDecay is >= 0 and < 1) ? "the decay of the weights' average must be at least 0 and below 1"
        : !(HealthyPixels is > 0 and <= 1) ? "the share of the pixels of healthy images must be above 0, at most 1"
        : Focal is not (0 or (>= 1 and <= 10)) ? "the exponent of the focal loss must be 0, or 1 to 10"
        : !(TverskyFalsePositives is > 0 and <= 10) || !(TverskyFalseNegatives is > 0 and <= 10)
            ? "what false positives and false negatives weigh must be above 0, at most 10"
        : ClassWeights?.All(weight => weight is >= 0 and <= 1000) == false || ClassWeights?.Any(weight => weight > 0) == false
            ? "the weights of the classes must be 0 to 1000, and one of them above 0"
        : !(Presence is >= 0 and <= 100) ? "the weight of the presence must be 0 to 100"
        : !(Distillation is >= 0 and <= 1) ? "the weight of the distillation must be 0 to 1"
        : !(Temperature is >= 1 and <= 100) ? "the temperature must be 1 to 100"
        : !(HealthyShare >= 0 && HealthyShare <= MostHealthy)
            ? "the share of healthy images must be 0 to 1/3: with more, networks learn to find nothing"
        : !(Oversample is >= 0 and <= 1) ? "the share of the cases below which a class is rare must be 0 to 1"
        : HealthyShare * Batch > Batch - 1 ? "with healthy images a batch has at least 2 cases"
        : Ultrasound.FindFault() is { } fault ? fault
        : Patience < 1 ? "the patience must be at least 1 epoch"
        : Patience is not null && Select == SelectionKind.Last
            ? "where the last epoch is kept there is nothing to be patient for; leave the patience out"
        : null;
}
