using System.CommandLine;
using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Cli.Options;

/// <summary>The options that change a setting of a training, one for each; what is not given stays as the recipe has it.</summary>
internal sealed class ProtocolOptions
{
    private static readonly TrainingProtocol Published = new();

    private static readonly Dictionary<string, OptimizerKind> Optimizers = new()
    {
        ["sgd"] = OptimizerKind.Sgd,
        ["adamw"] = OptimizerKind.AdamW,
    };

    private static readonly Dictionary<string, ScheduleKind> Schedules = new()
    {
        ["polynomial"] = ScheduleKind.Polynomial,
        ["cosine"] = ScheduleKind.Cosine,
        ["constant"] = ScheduleKind.Constant,
    };

    private static readonly Dictionary<string, LossKind> Losses = new()
    {
        ["cross-entropy-dice"] = LossKind.CrossEntropyDice,
        ["cross-entropy"] = LossKind.CrossEntropy,
        ["dice"] = LossKind.Dice,
        ["cross-entropy-batch-dice"] = LossKind.CrossEntropyBatchDice,
    };

    private static readonly Dictionary<string, AugmentationKind> Augmentations = new()
    {
        ["rotate-flip"] = AugmentationKind.RotateFlip,
        ["ultrasound"] = AugmentationKind.Ultrasound,
        ["none"] = AugmentationKind.None,
    };

    private static readonly Dictionary<string, DecayKind> Decays = new()
    {
        ["all"] = DecayKind.All,
        ["convolutions"] = DecayKind.Convolutions,
    };

    private static readonly Dictionary<string, SelectionKind> Selections = new()
    {
        ["iou"] = SelectionKind.Iou,
        ["dice"] = SelectionKind.Dice,
        ["f1"] = SelectionKind.F1,
        ["loss"] = SelectionKind.Loss,
        ["presence"] = SelectionKind.Presence,
        ["last"] = SelectionKind.Last,
        ["published"] = SelectionKind.Published,
    };

    /// <summary>The number of epochs, which a run that goes on may change.</summary>
    public Option<int> Epochs { get; } = Setting("--epochs", "The number of epochs.", "N", Published.Epochs);
    private readonly Option<int> batch = Setting("--batch", "The cases of an iteration.", "N", Published.Batch);
    private readonly Option<string?> size = new("--size")
    {
        Description = "The size of the network's input: N, or WIDTHxHEIGHT, multiples of 16. "
            + "[default: the recipe's, else that of --weights, else the network's own, 256 for most]",
        HelpName = "N",
    };

    private readonly Option<ulong> seed = Setting("--seed", "The seed of weights, order and augmentation.", "S", Published.Seed);
    private readonly Option<string?> optimizer = Setting("--optimizer", "sgd or adamw.", Optimizers, Published.Optimizer);

    private readonly Option<double> learningRate = new("--learning-rate")
    {
        Description = "The first learning rate. [default: 0.01 for sgd, 0.001 for adamw]",
        HelpName = "R",
    };

    private readonly Option<double> momentum = Setting("--momentum", "The momentum of sgd.", "M", Published.Momentum);
    private readonly Option<double> weightDecay = new("--weight-decay")
    {
        Description = "The weight decay. [default: 0.0001 for sgd, 0.01 for adamw]",
        HelpName = "W",
    };

    private readonly Option<string?> schedule = Setting(
        "--schedule", "How the learning rate goes on: polynomial (power 0.9), cosine or constant.", Schedules, Published.Schedule);

    private readonly Option<string?> loss = Setting(
        "--loss",
        "cross-entropy-dice (0.5 x cross-entropy + Dice loss), cross-entropy, dice, or cross-entropy-batch-dice (of the whole batch).",
        Losses,
        Published.Loss);

    private readonly Option<double> focal = Setting(
        "--focal", "The exponent of the focal loss, 0 or at least 1: pixels that are predicted well count less.", "G", Published.Focal);

    private readonly Option<double[]> tversky = CommonOptions.List<double>(
        "--tversky", "The weights of false positives and false negatives in the Dice loss. [default: 0.5,0.5, Dice's own]", "FP,FN");

    private readonly Option<double[]> classWeights = CommonOptions.List<double>(
        "--class-weights", "The weight of each class in the cross-entropy, the background first. [default: all alike]", "W,...");

    private readonly Option<string?> augmentation = Setting(
        "--augmentation", "rotate-flip, ultrasound (as strong as the recipe says) or none.", Augmentations, Published.Augmentation);

    private readonly Option<string?> decayOn = Setting(
        "--decay-on", "The parameters that decay: all, or convolutions (no bias, no normalization, no depthwise).", Decays,
        Published.DecayOn);

    private readonly Option<int> warmUp = Setting(
        "--warm-up", "The epochs in which the learning rate grows to its full value.", "N", Published.WarmUp);
    private readonly Option<double> clipNorm = Setting(
        "--clip-norm", "Scale the gradients down to this norm; 0 for no limit.", "G", Published.ClipNorm);
    private readonly Option<double> averageDecay = Setting(
        "--average-decay", "Keep an average of the weights (EMA) with this decay, and validate it; 0 for none.", "D",
        Published.AverageDecay);

    private readonly Option<double> oversample = Setting(
        "--oversample",
        "Draw the cases of rare classes more often: of those that fewer than this share of the cases hold; 0 draws all alike.",
        "S",
        Published.Oversample);

    private readonly Option<double> healthyShare = Setting(
        "--healthy-share", "The share of healthy images (an empty mask) in the batches, up to 1/3; 0 takes all cases as they come.", "S",
        Published.HealthyShare);

    private readonly Option<double> healthyPixels = Setting(
        "--healthy-pixels", "In healthy images, average the cross-entropy over this share of the pixels, the worst ones; 1 takes all.", "S",
        Published.HealthyPixels);

    private readonly Option<double> presence = Setting(
        "--presence", "The weight of the loss of \"there is a lesion\".", "W", Published.Presence);
    private readonly Option<double> distillation = Setting(
        "--distillation", "The weight of the teachers' logits in the loss, from 0 to 1; used with --teacher.", "W", Published.Distillation);

    private readonly Option<double> temperature = Setting(
        "--temperature", "What logits are divided by before they are compared with those of the teachers.", "T", Published.Temperature);

    private readonly Option<string?> select = CommonOptions.OneOf(
        CommonOptions.Text(
            "--select",
            $"What chooses the best epoch: {string.Join(", ", Selections.Keys)} (the IoU as published, "
            + "in which an empty mask of a healthy image is "
            + "perfect). [default: published where every case of both lists holds every class, else iou]",
            "NAME"),
        [.. Selections.Keys]);

    private readonly Option<int?> patience = CommonOptions.AtLeast(1, new Option<int?>("--patience")
    {
        Description = "Stop when this many epochs have brought no better one. [default: never]",
        HelpName = "N",
    });

    /// <summary>The options, to be added to a command.</summary>
    public IReadOnlyList<Option> All =>
    [
        Epochs, batch, size, seed, optimizer, learningRate, momentum, weightDecay, decayOn, schedule, warmUp, clipNorm, averageDecay, loss,
        focal, tversky, classWeights, augmentation, oversample, healthyShare, healthyPixels, presence, distillation, temperature, select,
        patience,
    ];

    /// <summary>Changes settings as the options ask for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="recipe">The settings of the recipe.</param>
    /// <exception cref="UsageException">A size is none.</exception>
    public TrainingProtocol Apply(ParseResult parsed, TrainingProtocol recipe)
    {
        T Given<T>(Option<T> option, T otherwise) => CommonOptions.IsGiven(parsed, option) ? parsed.GetValue(option)! : otherwise;
        TrainingProtocol chosen = CommonOptions.Meaning(parsed, optimizer, Optimizers) switch
        {
            OptimizerKind.AdamW when recipe.Optimizer != OptimizerKind.AdamW =>
                recipe with { Optimizer = OptimizerKind.AdamW, LearningRate = 1e-3, WeightDecay = 1e-2 },
            OptimizerKind.Sgd when recipe.Optimizer != OptimizerKind.Sgd =>
                recipe with { Optimizer = OptimizerKind.Sgd, LearningRate = Published.LearningRate, WeightDecay = Published.WeightDecay },
            _ => recipe,
        };
        (int width, int height) = parsed.GetValue(size) is { } text ? ParseSize(text) : (chosen.Width, chosen.Height);
        return chosen with
        {
            Epochs = Given(Epochs, chosen.Epochs),
            Batch = Given(batch, chosen.Batch),
            Width = width,
            Height = height,
            Seed = Given(seed, chosen.Seed),
            LearningRate = Given(learningRate, chosen.LearningRate),
            Momentum = Given(momentum, chosen.Momentum),
            WeightDecay = Given(weightDecay, chosen.WeightDecay),
            Schedule = CommonOptions.Meaning(parsed, schedule, Schedules) ?? chosen.Schedule,
            Loss = CommonOptions.Meaning(parsed, loss, Losses) ?? chosen.Loss,
            Focal = Given(focal, chosen.Focal),
            TverskyFalsePositives = ReadTversky(parsed)?.FalsePositives ?? chosen.TverskyFalsePositives,
            TverskyFalseNegatives = ReadTversky(parsed)?.FalseNegatives ?? chosen.TverskyFalseNegatives,
            ClassWeights = CommonOptions.Given(parsed, classWeights) ?? chosen.ClassWeights,
            Augmentation = CommonOptions.Meaning(parsed, augmentation, Augmentations) ?? chosen.Augmentation,
            DecayOn = CommonOptions.Meaning(parsed, decayOn, Decays) ?? chosen.DecayOn,
            WarmUp = Given(warmUp, chosen.WarmUp),
            ClipNorm = Given(clipNorm, chosen.ClipNorm),
            AverageDecay = Given(averageDecay, chosen.AverageDecay),
            Oversample = Given(oversample, chosen.Oversample),
            HealthyShare = Given(healthyShare, chosen.HealthyShare),
            HealthyPixels = Given(healthyPixels, chosen.HealthyPixels),
            Presence = Given(presence, chosen.Presence),
            Distillation = Given(distillation, chosen.Distillation),
            Temperature = Given(temperature, chosen.Temperature),
            Select = CommonOptions.Meaning(parsed, select, Selections) ?? chosen.Select,
            Patience = Given(patience, chosen.Patience),
        };
    }

    /// <summary>What is said of options that are given and change nothing, a line each.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="protocol">The settings with the options.</param>
    /// <param name="teaches">Whether there is a teacher.</param>
    public IEnumerable<string> FindIdle(ParseResult parsed, TrainingProtocol protocol, bool teaches)
    {
        bool hasCrossEntropy = protocol.Loss != LossKind.Dice;
        (Option Option, bool Counts, string Purpose)[] all =
        [
            (momentum, protocol.Optimizer == OptimizerKind.Sgd, "sgd"),
            (focal, hasCrossEntropy, "a loss with cross-entropy"),
            (classWeights, hasCrossEntropy, "a loss with cross-entropy"),
            (healthyPixels, hasCrossEntropy, "a loss with cross-entropy"),
            (tversky, protocol.Loss != LossKind.CrossEntropy, "a loss with Dice"),
            (distillation, teaches, "a training with --teacher"),
            (temperature, teaches, "a training with --teacher"),
        ];
        return all.Where(one => !one.Counts && CommonOptions.IsGiven(parsed, one.Option))
            .Select(static one => $"{one.Option.Name} changes nothing here: it is for {one.Purpose}");
    }

    private (double FalsePositives, double FalseNegatives)? ReadTversky(ParseResult parsed) => CommonOptions.Given(parsed, tversky) switch
    {
        null => null,
        [var positives, var negatives] => (positives, negatives),
        var others => throw new UsageException($"--tversky is two numbers, FP,FN, not {others.Length}"),
    };

    /// <summary>A size: N, or WIDTHxHEIGHT.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static (int Width, int Height) ParseSize(string text)
    {
        string[] parts = text.Split('x');
        return parts.Length is 1 or 2 && Number.TryParse(parts[0], out int width) && Number.TryParse(parts[^1], out int height)
            ? (width, height)
            : throw new UsageException($"--size is N or WIDTHxHEIGHT, not '{text}'");
    }

    private static Option<T> Setting<T>(string name, string description, string helpName, T published) =>
        new(name) { Description = description, HelpName = helpName, DefaultValueFactory = _ => published };

    private static Option<string?> Setting<T>(string name, string description, Dictionary<string, T> words, T published)
        where T : struct, Enum => CommonOptions.OneOf(
            Setting<string?>(name, description, "NAME", words.Single(word => word.Value.Equals(published)).Key), [.. words.Keys]);
}
