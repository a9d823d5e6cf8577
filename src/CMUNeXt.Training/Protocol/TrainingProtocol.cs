using System.Text.Json.Serialization;
using CMUNeXt.Images;
using CMUNeXt.Backends;

namespace CMUNeXt.Training.Protocol;

/// <summary>How the learning rate goes on.</summary>
public enum ScheduleKind
{
    /// <summary>rate x (1 - t / T)^0.9 after step t of T.</summary>
    Polynomial,

    /// <summary>rate x (1 + cos(pi t / T)) / 2 after step t of T.</summary>
    Cosine,

    /// <summary>Stays as it is.</summary>
    Constant,
}

/// <summary>What is done to an image and its mask before each use.</summary>
public enum AugmentationKind
{
    /// <summary>With probability 0.5 a rotation by a multiple of 90 degrees, then with probability 0.5 a flip.</summary>
    RotateFlip,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>Every setting of a training; the defaults are the published protocol of CMUNeXt.</summary>
public sealed record TrainingProtocol
{
    // All images of a batch are one array.
    private const long MaximumBatchPixels = 1 << 28;

    /// <summary>The number of epochs, at least 1. The schedule reaches its end with the last.</summary>
    public int Epochs { get; init; } = 300;

    /// <summary>The number of cases in a step, at least 1; the last batch of an epoch may be smaller.</summary>
    public int Batch { get; init; } = 8;

    /// <summary>The width of the network's input in pixels, a multiple of 16.</summary>
    public int Width { get; init; } = 256;

    /// <summary>The height of the network's input in pixels, a multiple of 16.</summary>
    public int Height { get; init; } = 256;

    /// <summary>The seed of the starting weights, of the order of the cases and of their augmentation.</summary>
    public ulong Seed { get; init; } = 41;

    /// <summary>The optimizer.</summary>
    [JsonPropertyName("optimiser")]
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.Sgd;

    /// <summary>The first learning rate, above 0.</summary>
    public double Rate { get; init; } = 0.01;

    /// <summary>The momentum of SGD, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>The weight decay on every parameter, at least 0.</summary>
    public double WeightDecay { get; init; } = 1e-4;

    /// <summary>How the learning rate goes on.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Polynomial;

    /// <summary>The loss.</summary>
    public LossKind Loss { get; init; } = LossKind.CrossEntropyDice;

    /// <summary>What is done to the cases.</summary>
    public AugmentationKind Augmentation { get; init; } = AugmentationKind.RotateFlip;

    /// <summary>Training stops when the validation IoU has not risen for this many epochs; null trains all epochs.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Patience { get; init; }

    /// <summary>What a backend needs to know of these settings.</summary>
    public TrainableSettings ToTrainableSettings() => new()
    {
        Seed = Seed,
        Optimizer = Optimizer,
        Momentum = Momentum,
        WeightDecay = WeightDecay,
        Loss = Loss,
    };

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The number of steps made before it.</param>
    /// <param name="steps">The number of steps of the whole training.</param>
    /// <remarks>
    /// The original code changes the rate after each step by the number of that step, from 0: so the first two steps have the first rate,
    /// and a step t after them the rate of t - 1.
    /// </remarks>
    public double RateAt(long step, long steps)
    {
        double done = Math.Max(step - 1, 0) / (double)steps;
        return Schedule switch
        {
            ScheduleKind.Polynomial => Rate * Math.Pow(1 - done, 0.9),
            ScheduleKind.Cosine => Rate * (1 + Math.Cos(Math.PI * done)) / 2,
            _ => Rate,
        };
    }

    /// <summary>Says what is wrong with the settings.</summary>
    /// <returns>One sentence, or null where all is well.</returns>
    public string? FindFault() =>
        Epochs < 1 ? "there must be at least 1 epoch"
        : Batch < 1 ? "a batch has at least 1 case"
        : Width < 16 || Width % 16 != 0 || Height < 16 || Height % 16 != 0 ? $"the size must be a multiple of 16 pixels, not {Width} x {Height}"
        : Width > Preprocessing.MaximumSide || Height > Preprocessing.MaximumSide
            ? $"the size is at most {Preprocessing.MaximumSide} x {Preprocessing.MaximumSide} pixels, not {Width} x {Height}"
        : (long)Batch * Width * Height > MaximumBatchPixels ? $"a batch of {Batch} images of {Width} x {Height} pixels is too large"
        : !(Rate > 0) || !double.IsFinite(Rate) ? "the learning rate must be above 0"
        : !(Momentum >= 0 && Momentum < 1) ? "the momentum must be at least 0 and below 1"
        : !(WeightDecay >= 0) || !double.IsFinite(WeightDecay) ? "the weight decay must be at least 0"
        : Patience < 1 ? "the patience must be at least 1 epoch"
        : null;
}
