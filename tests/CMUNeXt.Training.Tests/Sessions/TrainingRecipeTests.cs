using System.Text.Json;
using CMUNeXt.Backends;
using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Tests;
using CMUNeXt.Training.Augmentations;
using CMUNeXt.Training.Protocol;
using CMUNeXt.Training.Runs;
using CMUNeXt.Training.Sessions;
using CMUNeXt.Training.Tests.Runs;

namespace CMUNeXt.Training.Tests.Sessions;

public sealed class TrainingRecipeTests : IDisposable
{
    private static readonly NetworkDescription Small = NetworkCatalog.Describe("cmunext-s");

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_published_one_is_the_protocols_defaults_at_the_networks_own_size()
    {
        Assert.Contains(TrainingRecipe.Published, TrainingRecipe.Names);
        TrainingRecipe published = TrainingRecipe.Load(TrainingRecipe.Published);
        Assert.Equal(new TrainingProtocol(), published.ProtocolFor(Small));
        Assert.Equal(
            (224, 224), (published.ProtocolFor(NetworkCatalog.Describe("swinunet")).Width, published.ProtocolFor(
                NetworkCatalog.Describe("swinunet")).Height));
        Assert.Null(published.Network);
        Assert.Null(published.Preprocessing);
    }

    [Fact]
    public void A_recipe_may_name_another_and_say_what_it_changes_of_it()
    {
        folder.WriteText("first.json", """{ "recipe": "ultrasound", "protocol": { "epochs": 60, "ultrasound": { "flip": 0.25 } } }""");
        folder.WriteText("second.json", """{ "recipe": "first.json", "protocol": { "learning_rate": 0.002 } }""");
        TrainingRecipe ultrasound = TrainingRecipe.Load("ultrasound");
        TrainingRecipe second = TrainingRecipe.Load(folder["second.json"]);
        TrainingProtocol expected = ultrasound.ProtocolFor(Small);
        Assert.Equal(
            expected with { Epochs = 60, LearningRate = 0.002, Ultrasound = expected.Ultrasound with { Flip = 0.25 } },
            second.ProtocolFor(Small));
        Assert.Equal(ultrasound.Preprocessing, second.Preprocessing);
    }

    [Theory]
    [InlineData("""{ "recipe": "self.json" }""", "no more than 8 others")]
    [InlineData("""{ "recipe": 3 }""", "names another recipe")]
    [InlineData("""{ "recipe": "absent" }""", "there is no such file")]
    public void A_recipe_that_names_what_there_is_not_or_itself_is_refused(string json, string expected)
    {
        folder.WriteText("self.json", json);
        Assert.Contains(
            expected, Assert.Throws<BadFileException>(() => TrainingRecipe.Load(folder["self.json"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "protocol": { "width": 96, "height": 64 } }""", 96, 64)]
    [InlineData("""{ "preprocessing": { "width": 96, "height": 64 } }""", 96, 64)]
    [InlineData("""{ "recipe": "ultrasound", "protocol": { "width": 128, "height": 128 } }""", 128, 128)]
    [InlineData("""{ "recipe": "ultrasound" }""", null, null)]
    public void The_size_is_what_it_states_and_else_the_networks_own(string json, int? width, int? height)
    {
        folder.WriteText("recipe.json", json);
        TrainingRecipe recipe = TrainingRecipe.Load(folder["recipe.json"]);
        Assert.Equal((width, height), (recipe.Size?.Width, recipe.Size?.Height));
        TrainingProtocol protocol = recipe.ProtocolFor(Small);
        Assert.Equal((width ?? 256, height ?? 256), (protocol.Width, protocol.Height));
    }

    [Theory]
    [InlineData("""{ "protocol": { "width": 96 } }""", "'protocol' states a width without a height")]
    [InlineData("""{ "preprocessing": { "height": 64 } }""", "'preprocessing' states a height without a width")]
    public void A_width_without_a_height_is_refused(string json, string expected)
    {
        folder.WriteText("recipe.json", json);
        Assert.Contains(
            expected, Assert.Throws<BadFileException>(() => TrainingRecipe.Load(folder["recipe.json"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_one_for_ultrasound_is_what_its_page_says()
    {
        TrainingRecipe ultrasound = TrainingRecipe.Load("ultrasound");
        TrainingProtocol protocol = ultrasound.ProtocolFor(Small);
        Assert.Equal(
            (OptimizerKind.AdamW, DecayKind.All, 3e-3, 1e-2),
            (protocol.Optimizer, protocol.DecayOn, protocol.LearningRate, protocol.WeightDecay));
        Assert.Equal(
            (2, ScheduleKind.Polynomial, 0.0, 0.999), (protocol.WarmUp, protocol.Schedule, protocol.ClipNorm, protocol.AverageDecay));
        Assert.Equal((LossKind.CrossEntropyDice, 1.0, 0.0), (protocol.Loss, protocol.HealthyPixels, protocol.HealthyShare));
        Assert.Equal(AugmentationKind.Ultrasound, protocol.Augmentation);

        // Turns and flips as published, a warp, and the tone.
        UltrasoundAugmentation augmentation = protocol.Ultrasound;
        Assert.Equal((0.5, 0.5, 0.5), (augmentation.QuarterTurns, augmentation.VerticalFlip, augmentation.Flip));
        Assert.Equal(0.6, augmentation.PastedLesions);
        Assert.Equal((new Interval(0.8, 1.25), new Interval(0.75, 1.33)), (augmentation.Scale, augmentation.Gamma));
        Assert.Equal((15.0, 0.0, 0.0), (augmentation.Rotation, augmentation.Marks, augmentation.Chance));
        Assert.Equal(ChannelOrder.Mean, ultrasound.Preprocessing!.Order);
    }

    [Fact]
    public void Every_recipe_that_comes_with_the_library_can_be_trained_by() =>
        Assert.All(TrainingRecipe.Names, name => Assert.Null(TrainingRecipe.Load(name).ProtocolFor(Small).FindFault()));

    // An unknown field is refused, so no name may be left to be guessed.
    [Fact]
    public void The_page_names_every_setting()
    {
        string page = File.ReadAllText(Repository.Path("docs", "notebook", "recipes.md"));
        TrainingProtocol protocol = new() { ClassWeights = [1, 1], Select = SelectionKind.Iou, Patience = 1 };
        string[] names = [.. JsonSerializer.SerializeToNode(protocol, RunJson.Options)!.AsObject().Select(static field => field.Key)];
        Assert.Contains("tversky_false_positives", names);
        Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_settings_of_a_run_are_one()
    {
        RunSettings settings = SomeRun.Settings(
            new TrainingProtocol { Epochs = 5, Width = 128, Height = 96, Patience = 3, Schedule = ScheduleKind.Cosine });
        new RunFolder(folder.Path).Begin(settings);
        TrainingRecipe recipe = TrainingRecipe.Load(Path.Combine(folder.Path, "config.json"));
        Assert.Equal(settings.Protocol, recipe.ProtocolFor(Small));
        Assert.Equal(settings.Network, recipe.Network);
        Assert.Equal(settings.Preprocessing.Mean, recipe.Preprocessing!.Mean);
    }

    [Fact]
    public void What_it_leaves_out_is_as_published()
    {
        folder.WriteText("mine.json", """{ "protocol": { "epochs": 7, "schedule": "cosine" } }""");
        Assert.Equal(
            new TrainingProtocol { Epochs = 7, Schedule = ScheduleKind.Cosine },
            TrainingRecipe.Load(Path.Combine(folder.Path, "mine.json")).ProtocolFor(Small));
    }

    [Theory]
    [InlineData("""{ "protocol": { "epoch": 7 } }""", "is not a recipe: there is no field 'epoch'")]
    [InlineData("""{ "protocol": { "loss": "ce" } }""",
        "'loss' is not one of cross-entropy-dice, cross-entropy, dice, cross-entropy-batch-dice")]
    [InlineData("""{ "protocol": { "optimizer": "adam" } }""", "'optimizer' is not one of sgd, adamw")]
    [InlineData("""{ "protocol": { "select": "best" } }""",
        "'select' is not one of published, iou, dice, f1, loss, presence, last")]
    [InlineData("""{ "protocol": { "epochs": "many" } }""", "'epochs' is not a whole number")]
    [InlineData("""{ "protocol": { "learning_rate": true } }""", "'learning_rate' is not a number")]
    [InlineData("""{ "protocol": { "class_weights": 2 } }""", "'class_weights' is not a list")]
    [InlineData("""{ "protocol": { "ultrasound": null } }""", "'ultrasound' is null")]
    [InlineData("""{ "protocol": { "epochs": 1, "epochs": 2 } }""", "the field 'epochs' stands twice")]
    [InlineData("""{ "protocoll": { } }""", "there is no field 'protocoll'")]
    [InlineData("""{ "protocol": { "epochs": 0 } }""", "at least 1 epoch")]
    [InlineData("""{ "protocol": 7 }""", "is not a recipe: it holds no object")]
    [InlineData("""{ "network": { "channels": 3 } }""", "is not a recipe: it lacks 'name'")]
    [InlineData("[]", "holds no object")]
    [InlineData("{\n \"protocol\": {{ }", "(line 2)")]
    [InlineData("{\n \"protocol\": { \"epochs\": tue }\n}\n",
        "is not a recipe: 'tue' is neither a text in double quotes nor a number, true, false or null (line 2)")]
    [InlineData("{\n \"protocol\": {\n  \"epochs\": 7,\n }\n}\n",
        "is not a recipe: there is a comma too many at the end of the object (line 4)")]
    public void What_no_recipe_has_is_refused(string json, string said)
    {
        folder.WriteText("bad.json", json);
        BadFileException e = Assert.Throws<BadFileException>(() => TrainingRecipe.Load(Path.Combine(folder.Path, "bad.json")));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.DoesNotContain("CMUNeXt.", e.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", e.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_that_is_not_there_is_said_to_be_none() => Assert.Contains(
        "there are published", Assert.Throws<BadFileException>(() => TrainingRecipe.Load("ours")).Message, StringComparison.Ordinal);
}
