using System.CommandLine;
using System.Reflection;
using CMUNeXt.Cli.Parsing;
using CMUNeXt.Cli.Prediction;
using CMUNeXt.Cli.Verbs;
using CMUNeXt.Images;
using CMUNeXt.Masks;

namespace CMUNeXt.Cli.Tests.Prediction;

/// <summary>No setting of a prediction is forgotten where results of an earlier call are compared with it.</summary>
[Collection(nameof(Console))]
public sealed class ResultSettingsTests : IDisposable
{
    // They say where results go, what computes them, and how the job is done, and change no result.
    private static readonly string[] WithoutEffect =
    [
        "--output", "--model", "--backend", "--device", "--threads", "--overwrite", "--resume", "--watch", "--part", "--parts", "--json",
    ];

    private static readonly Dictionary<string, string[]> Changed = new()
    {
        ["--weights"] = ["thyroid-ultrasound"],
        ["--tta"] = [],
        ["--threshold"] = ["0.3"],
        ["--min-area"] = ["9"],
        ["--largest-only"] = [],
        ["--no-overlay"] = [],
        ["--probability"] = [],
        ["--mm-per-pixel"] = ["0.1"],
        ["--seg-frames"] = ["2"],
        ["--crop-to-region"] = [],
        ["--all"] = [],
        ["--size"] = ["64"],
        ["--order"] = ["rgb"],
        ["--mean"] = ["0.4"],
        ["--std"] = ["0.3"],
        ["--scale"] = ["2"],
        ["--letterbox"] = [],
    };

    private readonly string recipe = Path.GetTempFileName();

    public void Dispose() => File.Delete(recipe);

    [Fact]
    public void Every_property_stands_in_the_words()
    {
        ResultSettings plain = new() { Input = new Preprocessing() };
        HashSet<string> words = [$"{plain}"];
        foreach (PropertyInfo property in Settable<ResultSettings>().Where(property => property.PropertyType != typeof(Preprocessing)))
        {
            ResultSettings other = plain with { };
            property.SetValue(other, Other(property.GetValue(plain), property.PropertyType));
            Assert.True(words.Add($"{other}"), property.Name);
        }

        foreach (PropertyInfo property in Settable<Preprocessing>())
        {
            Preprocessing input = plain.Input with { };
            property.SetValue(input, Other(property.GetValue(input), property.PropertyType));
            Assert.True(words.Add($"{plain with { Input = input }}"), property.Name);
        }
    }

    [Fact]
    public void Every_option_of_predict_changes_the_settings_or_is_known_to_change_no_result()
    {
        File.WriteAllText(recipe, """{ "preprocessing": { "width": 96, "height": 96 } }""");
        Dictionary<string, string[]> values = new(Changed) { ["--recipe"] = [recipe] };
        string[] options = [.. CommandLine.Root.Subcommands.Single(verb => verb.Name == "predict").Options.Select(option => option.Name)];
        Assert.Equal(values.Keys.Concat(WithoutEffect).Order(), options.Where(name => name != "--help").Order());
        HashSet<string> settings = [SettingsOf()];
        Assert.All(values, option => Assert.True(settings.Add(SettingsOf([option.Key, .. option.Value])), option.Key));
    }

    private static string SettingsOf(params string[] options)
    {
        ParseResult parsed = CommandLine.Parse(["predict", "image.png", .. options]);
        Assert.Empty(parsed.Errors);
        return PredictVerb.SettingsOf(parsed, PredictVerb.EnsembleOf(parsed)).Describe();
    }

    private static IEnumerable<PropertyInfo> Settable<T>() => typeof(T).GetProperties().Where(property => property.CanWrite);

    private static object Other(object? value, Type type) => value switch
    {
        bool flag => !flag,
        int number => number + 1,
        double number => number / 2,
        ChannelOrder => ChannelOrder.Rgb,
        IReadOnlyList<double> list => (double[])[list[0] / 2, .. list.Skip(1)],
        null when type == typeof(PixelSize?) => new PixelSize(0.1, 0.2),
        _ => throw new NotSupportedException($"What differs from {value} of type {type}?"),
    };
}
