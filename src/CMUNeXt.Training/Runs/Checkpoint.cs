using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CMUNeXt.Files;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Training.Runs;

/// <summary>
/// The whole state of a run at one moment, in one file: the only one that <c>--resume</c> believes. Every other file of the run's
/// folder follows from it and from the settings.
/// </summary>
/// <param name="Progress">How far the run is, and what it measured.</param>
/// <param name="Weights">The weights now.</param>
/// <param name="Optimizer">What the optimizer remembers.</param>
/// <param name="Best">The weights of the best epoch; null while there is none.</param>
/// <param name="Average">The average of the weights now; null where none is kept.</param>
internal sealed record Checkpoint(RunProgress Progress, StateDict Weights, StateDict Optimizer, StateDict? Best, StateDict? Average = null)
{
    private const string WeightsPrefix = "weights/";
    private const string OptimizerPrefix = "optimiser/";
    private const string BestPrefix = "best/";
    private const string AveragePrefix = "average/";

    /// <summary>The settings of the run that it belongs to; null in one of an earlier version.</summary>
    public RunSettings? Settings { get; init; }

    /// <summary>Writes the checkpoint beside its final name and moves it into place.</summary>
    public void Write(string path)
    {
        StateDict all = new(
        [
            .. Prefixed(WeightsPrefix, Weights), .. Prefixed(OptimizerPrefix, Optimizer), .. Prefixed(BestPrefix, Best),
            .. Prefixed(AveragePrefix, Average),
        ]);
        string progress = JsonSerializer.Serialize(Progress, RunJson.Options);
        Dictionary<string, string> entries = new() { ["progress"] = progress, ["sha256"] = Checksum(all, progress) };
        if (Settings is not null)
        {
            entries["settings"] = JsonSerializer.Serialize(Settings, RunJson.Options);
        }

        WeightsFile.Save(path, all, metadata: null, entries);
    }

    /// <summary>Reads a checkpoint, and believes it only if its checksum fits.</summary>
    /// <exception cref="BadFileException">The file is not there, or is not what was written.</exception>
    public static Checkpoint Read(string path)
    {
        LoadedWeights file = WeightsFile.Load(path);
        if (!file.Entries.TryGetValue("progress", out string? progress) || !file.Entries.TryGetValue("sha256", out string? checksum)
            || checksum != Checksum(file.State, progress))
        {
            throw new BadFileException(
                path, "is damaged: its checksum does not fit; to begin the run anew, remove its folder, or give train --overwrite");
        }

        StateDict best = Part(file.State, BestPrefix);
        StateDict average = Part(file.State, AveragePrefix);
        return new Checkpoint(
            RunJson.Parse<RunProgress>(path, progress),
            Part(file.State, WeightsPrefix),
            Part(file.State, OptimizerPrefix),
            best.Count > 0 ? best : null,
            average.Count > 0 ? average : null)
        {
            Settings = file.Entries.TryGetValue("settings", out string? settings) ? RunJson.Parse<RunSettings>(path, settings) : null,
        };
    }

    private static IEnumerable<WeightTensor> Prefixed(string prefix, StateDict? tensors) =>
        (tensors ?? Enumerable.Empty<WeightTensor>()).Select(t => new WeightTensor(prefix + t.Name, t.Type, t.Shape, t.Data));

    private static StateDict Part(StateDict all, string prefix) => new(all
        .Where(t => t.Name.StartsWith(prefix, StringComparison.Ordinal))
        .Select(t => new WeightTensor(t.Name[prefix.Length..], t.Type, t.Shape, t.Data)));

    private static string Checksum(StateDict tensors, string progress)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(progress));
        foreach (WeightTensor tensor in tensors)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(tensor.Name));
            hash.AppendData(tensor.Data.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
