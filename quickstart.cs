// From nothing to a trained network and its masks: synthetic data, a short training, an evaluation, images.
// Run it with: dotnet run quickstart.cs
using System.Diagnostics;

const string Folder = "runs/quickstart";
if (Directory.Exists(Folder))
{
    Directory.Delete(Folder, recursive: true);
}

return Run("build", "src/CMUNeXt.Cli", "-c", "Release", "-v", "quiet")
    ?? Verb("phantom", "--output", $"{Folder}/phantoms", "--count", "100", "--seed", "1")
    ?? Verb(
        "train", "--data", $"{Folder}/phantoms", "--train", "train.txt", "--val", "val.txt", "--model", "cmunext-s",
        "--output", $"{Folder}/run", "--epochs", "25", "--size", "128", "--batch", "4", "--learning-rate", "0.03")
    ?? Verb(
        "evaluate", "--data", $"{Folder}/phantoms", "--list", "val.txt", "--weights", $"{Folder}/run/best.safetensors",
        "--output", $"{Folder}/evaluation")
    ?? Verb(
        "predict", $"{Folder}/phantoms/images", "--weights", $"{Folder}/run/best.safetensors", "--output", $"{Folder}/predictions")
    ?? Done();

static int? Verb(params string[] arguments) =>
    Run(["run", "--project", "src/CMUNeXt.Cli", "-c", "Release", "--no-build", "--", .. arguments]);

static int? Run(params string[] arguments)
{
    using Process process = Process.Start("dotnet", arguments);
    process.WaitForExit();
    return process.ExitCode == 0 ? null : process.ExitCode;
}

static int Done()
{
    Console.WriteLine($"""

        Open {Folder}/evaluation/report.html for the results,
             {Folder}/run/curves.png for the training,
             {Folder}/predictions/*_overlay.png for the masks.
        """);
    return 0;
}
