using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Weights;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>weights</c>: the weights that come with this program.</summary>
internal static class WeightsVerb
{
    public static Command Create()
    {
        Option<bool> json = CommonOptions.Json();
        Command command = new("weights", "List the weights that come with this program; --weights takes their names.") { json };
        command.SetAction(parsed =>
        {
            NamedFacts[] all = [.. NamedWeights.Names.Select(NamedFacts.Of)];
            if (parsed.GetValue(json))
            {
                Console.WriteLine(ResultJson.ToDocument(all));
            }
            else
            {
                Print(all);
            }

            return ExitStatus.Done;
        });
        return command;
    }

    private static void Print(NamedFacts[] all)
    {
        foreach (NamedFacts one in all)
        {
            string standing = one.Name == NamedWeights.Default ? " (default)" : "";
            string iou = one.Metrics?.TryGetValue("iou", out double value) == true ? $", IoU {value:0.000}" : "";
            Console.WriteLine($"{one.Name}{standing}: {one.Network}, {one.Width} x {one.Height}{iou}");
            Console.WriteLine($"  trained on: {one.DataSet}");
            Console.WriteLine($"  for: {one.IntendedUse}");
        }

        Console.WriteLine("More of each: cmunext info --weights NAME, and its model card.");
    }

    /// <summary>What is said of named weights.</summary>
    private sealed record NamedFacts(
        string Name, string Network, int Width, int Height, IReadOnlyList<string> Classes, IReadOnlyDictionary<string, double>? Metrics,
        string? DataSet, string? Recipe, string? License, string? IntendedUse, string Sha256)
    {
        public static NamedFacts Of(string name)
        {
            LoadedWeights weights = NamedWeights.Find(name)!;
            WeightsMetadata metadata = weights.Describe();
            return new NamedFacts(
                name, metadata.Network.Name, metadata.Preprocessing.Width, metadata.Preprocessing.Height, metadata.Classes,
                metadata.Metrics,
                metadata.DataSet, metadata.Recipe, metadata.License, metadata.IntendedUse, weights.Sha256);
        }
    }
}
