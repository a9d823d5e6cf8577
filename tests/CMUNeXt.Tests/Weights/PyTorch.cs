using System.Diagnostics;
using System.Text.Json;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

/// <summary>
/// The PyTorch of the machine's own Python, run by tests/pytorch/weights.py. Tests that need it are skipped where it is not
/// installed; tests/pytorch/install.sh installs it on Debian.
/// </summary>
internal static class PyTorch
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<bool> IsInstalled = new(() => File.Exists(Python) && Start(["-c", "import torch"]).Status == 0);

    /// <summary>Runs a command of the script and gives what it printed; skips the running test where there is no PyTorch.</summary>
    public static string Run(params string[] arguments)
    {
        Assert.SkipUnless(IsInstalled.Value, $"{Python} cannot import torch: run tests/pytorch/install.sh.");
        (int status, string output) = Start([Script(), .. arguments]);
        Assert.True(status == 0, output);
        return output;
    }

    /// <summary>The tensors that the script described, or the words with which they have to be refused.</summary>
    public static (StateDict State, string? Refusal) Read(string json)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(json));
        JsonElement root = document.RootElement;
        return root.ValueKind == JsonValueKind.String ? (new StateDict([]), root.GetString()) : (new StateDict(root.EnumerateArray().Select(Tensor)), null);
    }

    private static WeightTensor Tensor(JsonElement row) => new(
        row[0].GetString()!,
        Enum.Parse<ElementType>(row[1].GetString()!, ignoreCase: true),
        [.. row[2].EnumerateArray().Select(size => size.GetInt32())],
        Convert.FromHexString(row[3].GetString()!));

    private static string Script()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CMUNeXt.slnx")))
        {
            folder = folder.Parent;
        }

        Assert.NotNull(folder);
        return Path.Combine(folder.FullName, "tests", "pytorch", "weights.py");
    }

    private static (int Status, string Output) Start(string[] arguments)
    {
        ProcessStartInfo start = new(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }
}
