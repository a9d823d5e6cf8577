using System.Diagnostics;
using CMUNeXt.Tests;
using CMUNeXt.Training.Runs;

namespace CMUNeXt.Cli.Tests;

/// <summary>
/// The program as a tool that is packed, installed and run in folders of its own. This takes minutes, so it is asked for:
/// CMUNEXT_TEST_TOOL=1.
/// </summary>
public sealed class InstalledToolTests : IDisposable
{
    private static readonly string[] Packages = ["CMUNeXt.Files", "CMUNeXt", "CMUNeXt.Onnx", "CMUNeXt.Torch", "CMUNeXt.Cli"];

    // Of this run alone, so that no package of an earlier one is taken.
    private readonly string version = $"0.1.0-test.{DateTime.UtcNow.Ticks}";
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void The_installed_tool_is_light_and_does_its_work_and_takes_a_backend_by_one_command()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("CMUNEXT_TEST_TOOL") == "1", "CMUNEXT_TEST_TOOL=1 asks for it: it takes minutes.");
        Assert.SkipUnless(RegistryAnswers(), "The registry of packages cannot be reached.");
        foreach (string package in Packages)
        {
            Succeed("dotnet", "pack", Repository.Path("src", package), "-c", "Release", "-o", In("packages"), $"-p:Version={version}");
        }

        Assert.All(Directory.GetFiles(In("packages")), package => Assert.InRange(new FileInfo(package).Length, 1, 30_000_000));
        File.WriteAllText(
            In("nuget.config"),
            $"<configuration><packageSources><clear/><add key=\"packed\" value=\"{In("packages")}\"/></packageSources></configuration>");
        Succeed("dotnet", "tool", "install", "CMUNeXt.Cli", "--version", version, "--tool-path", In("tool"), "--configfile",
            In("nuget.config"));
        Assert.InRange(SizeOf(In("tool")), 1, 90_000_000);

        Tool("predict", Repository.Path("examples", "phantom_0001.png"), "--output", In("predicted"));
        Assert.True(File.Exists(In("predicted/phantom_0001_mask.png")));
        Tool("phantom", "--output", In("data"), "--count", "8");
        Tool(Train("cmunext-s", In("run")));
        Tool("evaluate", "--data", In("data"), "--list", In("data/val.txt"), "--weights", In("run/best.safetensors"), "--output",
            In("evaluation"));

        (int status, _, string error) = Run(In("tool/cmunext"), "info", "--model", "unet");
        Assert.Equal(2, status);
        Assert.Contains("the torch backend is not installed: run `cmunext backend add torch`", error, StringComparison.Ordinal);
        Tool("backend", "add", "torch", "--source", In("packages"));
        Tool(Train("unet", In("unet")));
        Assert.Equal("torch", new RunFolder(In("unet")).ReadSettings().Backend);
    }

    public void Dispose() => folder.Dispose();

    private static bool RegistryAnswers()
    {
        try
        {
            using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(10) };
            using HttpRequestMessage request = new(HttpMethod.Get, "https://api.nuget.org/v3/index.json");
            return client.Send(request).IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static long SizeOf(string path) =>
        new DirectoryInfo(path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);

    private string[] Train(string model, string run) =>
    [
        "train", "--data", In("data"), "--train", In("data/train.txt"), "--val", In("data/val.txt"), "--model", model, "--output", run,
        "--epochs", "1", "--size", "32", "--batch", "2",
    ];

    private string In(string name) => folder.File(name);

    private string Tool(params string[] arguments) => Succeed(In("tool/cmunext"), arguments);

    private string Succeed(string program, params string[] arguments)
    {
        (int status, string output, string error) = Run(program, arguments);
        Assert.True(status == 0, $"{program} {string.Join(' ', arguments)}: {output}{error}");
        return output;
    }

    // What was restored before is taken from there; what is packed here goes into the folder, and backends into another in it.
    private (int Status, string Output, string Error) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        start.Environment["NUGET_FALLBACK_PACKAGES"] = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(home, ".nuget", "packages");
        start.Environment["NUGET_PACKAGES"] = In("restored");
        start.Environment["XDG_DATA_HOME"] = In("home");
        return ChildProcess.Run(start);
    }
}
