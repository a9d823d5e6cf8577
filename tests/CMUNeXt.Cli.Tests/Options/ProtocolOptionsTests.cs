using System.CommandLine;
using System.Reflection;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Options;
using CMUNeXt.Training.Protocol;

namespace CMUNeXt.Cli.Tests.Options;

public sealed class ProtocolOptionsTests
{
    private static readonly TrainingProtocol Recipe = new();

    /// <summary>What each option, given alone, makes of the published protocol.</summary>
    private static readonly Dictionary<string, (string Value, TrainingProtocol Expected)> Meanings = new()
    {
        ["--epochs"] = ("7", Recipe with { Epochs = 7 }),
        ["--batch"] = ("3", Recipe with { Batch = 3 }),
        ["--size"] = ("96x64", Recipe with { Width = 96, Height = 64 }),
        ["--seed"] = ("11", Recipe with { Seed = 11 }),
        ["--optimizer"] = ("adamw", Recipe with { Optimizer = OptimizerKind.AdamW, LearningRate = 0.001, WeightDecay = 0.01 }),
        ["--learning-rate"] = ("0.25", Recipe with { LearningRate = 0.25 }),
        ["--momentum"] = ("0.75", Recipe with { Momentum = 0.75 }),
        ["--weight-decay"] = ("0.125", Recipe with { WeightDecay = 0.125 }),
        ["--decay-on"] = ("convolutions", Recipe with { DecayOn = DecayKind.Convolutions }),
        ["--schedule"] = ("cosine", Recipe with { Schedule = ScheduleKind.Cosine }),
        ["--warm-up"] = ("4", Recipe with { WarmUp = 4 }),
        ["--clip-norm"] = ("1.5", Recipe with { ClipNorm = 1.5 }),
        ["--average-decay"] = ("0.99", Recipe with { AverageDecay = 0.99 }),
        ["--loss"] = ("cross-entropy-batch-dice", Recipe with { Loss = LossKind.CrossEntropyBatchDice }),
        ["--focal"] = ("2", Recipe with { Focal = 2 }),
        ["--tversky"] = ("0.3,0.7", Recipe with { TverskyFalsePositives = 0.3, TverskyFalseNegatives = 0.7 }),
        ["--augmentation"] = ("ultrasound", Recipe with { Augmentation = AugmentationKind.Ultrasound }),
        ["--oversample"] = ("0.4", Recipe with { Oversample = 0.4 }),
        ["--healthy-share"] = ("0.125", Recipe with { HealthyShare = 0.125 }),
        ["--healthy-pixels"] = ("0.01", Recipe with { HealthyPixels = 0.01 }),
        ["--presence"] = ("0.1", Recipe with { Presence = 0.1 }),
        ["--distillation"] = ("0.75", Recipe with { Distillation = 0.75 }),
        ["--temperature"] = ("4", Recipe with { Temperature = 4 }),
        ["--select"] = ("dice", Recipe with { Select = SelectionKind.Dice }),
        ["--patience"] = ("9", Recipe with { Patience = 9 }),
    };

    [Fact]
    public void Each_option_changes_the_setting_of_its_name_and_nothing_else()
    {
        // The list of --class-weights is compared by its values, below.
        Assert.Equal(
            new ProtocolOptions().All.Select(static one => one.Name).Order(), Meanings.Keys.Append("--class-weights").Order());
        Assert.All(Meanings, static one =>
        {
            Assert.NotEqual(Recipe, one.Value.Expected);
            Assert.Equal(one.Value.Expected, Apply(Recipe, one.Key, one.Value.Value));
        });
        TrainingProtocol weighted = Apply(Recipe, "--class-weights", "1,2.5");
        Assert.Equal([1, 2.5], weighted.ClassWeights!);
        Assert.Equal(Recipe, weighted with { ClassWeights = null });
    }

    [Fact]
    public void What_is_not_given_stays_as_the_recipe_has_it()
    {
        TrainingProtocol recipe = Recipe with
        {
            Optimizer = OptimizerKind.AdamW,
            LearningRate = 0.3,
            Epochs = 70,
            WarmUp = 8,
            Schedule = ScheduleKind.Constant,
            Loss = LossKind.Dice,
            DecayOn = DecayKind.Convolutions,
            Augmentation = AugmentationKind.Ultrasound,
            Select = SelectionKind.Presence,
            ClipNorm = 1.5,
            Presence = 0.1,
        };
        Assert.Equal(recipe, Apply(recipe));
        Assert.Equal(recipe with { Seed = 2 }, Apply(recipe, "--seed", "2"));

        // The optimizer that it has already keeps its learning rate; another one brings its own.
        Assert.Equal(recipe, Apply(recipe, "--optimizer", "adamw"));
        Assert.Equal(0.01, Apply(recipe, "--optimizer", "sgd").LearningRate);
    }

    private static TrainingProtocol Apply(TrainingProtocol recipe, params string[] arguments)
    {
        ProtocolOptions options = new();
        return options.Apply(ParsedOptions.Of(options.All, arguments), recipe);
    }

    [Fact]
    public void Every_option_is_one_of_the_command()
    {
        ProtocolOptions options = new();
        Option[] declared =
        [
            .. typeof(ProtocolOptions).GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
                .Select(field => field.GetValue(options)).OfType<Option>(),
        ];
        Assert.NotEmpty(declared);
        Assert.Equal(declared.Select(static one => one.Name).Order(), options.All.Select(static one => one.Name).Order());
    }
}
