using System.Text;
using CMUNeXt.Backends;
using CMUNeXt.Cli.Backends;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests;

/// <summary>
/// An optional backend that is damaged, or of another state of the program, is met where it is used and nowhere else. The program runs from
/// a copy outside the checkout, as an installed tool does.
/// </summary>
public sealed class OptionalBackendTests(OptionalBackendTests.InstalledProgram program)
    : IClassFixture<OptionalBackendTests.InstalledProgram>
{
    public static TheoryData<string> Faults => ["damaged", "older", "incomplete"];

    [Fact]
    public void The_variants_that_are_named_without_loading_are_those_of_the_backends() =>
        Assert.All(OptionalBackend.All, optional =>
            Assert.Equal(BackendRegistry.Find(optional.Name)!.Variants.Select(variant => variant.Name), optional.Variants));

    [Fact]
    public void It_is_not_installed_on_a_system_that_has_no_native_library_of_it()
    {
        OptionalBackend torch = OptionalBackend.All.Single(optional => optional.Name == "torch");
        BackendInstallation.CheckSystem(torch, "linux-x64");
        Assert.Contains(
            "no native library of torch for linux-arm64, only for linux-x64",
            Assert.Throws<BackendException>(() => BackendInstallation.CheckSystem(torch, "linux-arm64")).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void Commands_that_do_not_use_it_do_not_notice(string fault)
    {
        string home = program.WithBackend(fault);
        string output = Path.Combine(program.Folder, $"predicted-{fault}");
        Succeed("--version");
        Assert.Contains("onnxruntime", Succeed("benchmark", "--help"), StringComparison.Ordinal);
        Succeed("predict", Repository.Path("examples", "phantom_0001.png"), "--output", output);
        Assert.True(File.Exists(Path.Combine(output, "phantom_0001_mask.png")));
        Succeed("benchmark", "--models", "cmunext-s", "--backends", "managed", "--threads", "1", "--sizes", "32", "--seconds", "0.01");

        string Succeed(params string[] arguments)
        {
            (int status, string text, string error) = CommandProcess.RunInstalled(program.Path, home, arguments);
            Assert.True(status == ExitStatus.Done, error);
            return text;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_command_that_uses_it_says_in_one_line_what_mends_it(string fault)
    {
        string home = program.WithBackend(fault);
        foreach (string[] arguments in (string[][])[
            ["predict", Repository.Path("examples", "phantom_0001.png"), "--output", Path.Combine(program.Folder, "none"), "--backend",
                "onnxruntime"],
            ["benchmark", "--models", "cmunext-s", "--threads", "1", "--sizes", "32", "--seconds", "0.01"]])
        {
            (int status, _, string error) = CommandProcess.RunInstalled(program.Path, home, arguments);
            Assert.Equal(ExitStatus.Failed, status);
            string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.StartsWith($"cmunext: {home}", line, StringComparison.Ordinal);
            Assert.EndsWith("run `cmunext backend add onnxruntime`", line, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--backends: ", "torch", "benchmark", "--backends", "managed,torch-channels-last")]
    [InlineData("--backends: ", "onnxruntime", "benchmark", "--backends", "onnxruntime")]
    [InlineData("the layers of unet are counted by the backend that trains it: ", "torch", "info", "--model", "unet")]
    public void A_backend_that_is_not_installed_is_named_with_the_command_that_adds_it(
        string begins, string backend, params string[] arguments)
    {
        (int status, string output, string error) =
            CommandProcess.RunInstalled(program.Path, Path.Combine(program.Folder, "home-empty"), arguments);
        Assert.Equal((ExitStatus.Usage, ""), (status, output));
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"cmunext: {begins}", line, StringComparison.Ordinal);
        Assert.EndsWith(
            $"the {backend} backend is not installed: run `cmunext backend add {backend}`", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_backend_whose_native_library_is_missing_is_one_line_and_nothing_on_standard_output()
    {
        (int status, string output, string error) =
            CommandProcess.RunInstalled(program.Path, program.WithBareTorch(), "info", "--model", "unet", "--json");
        Assert.Equal((ExitStatus.Failed, ""), (status, output));
        string line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("cmunext: libtorch does not load on this system", line, StringComparison.Ordinal);
        Assert.EndsWith("`cmunext backend add torch` installs it anew", line, StringComparison.Ordinal);
    }

    /// <summary>A copy of the program where no checkout is.</summary>
    public sealed class InstalledProgram : IDisposable
    {
        private const string Backend = "CMUNeXt.OnnxRuntime";
        private readonly TemporaryFolder folder = new();

        public InstalledProgram() => Copy(BuiltFolder("CMUNeXt.Cli"), In("program"));

        public string Folder => folder.Path;

        public string Path => In("program/CMUNeXt.Cli.dll");

        /// <summary>Installs the backend with a fault.</summary>
        /// <returns>The folder that the program looks for backends in.</returns>
        public string WithBackend(string fault)
        {
            string home = In($"home-{fault}");
            string target = System.IO.Path.Combine(home, "cmunext", "backends", ThisProgram.Version, "onnxruntime");
            Directory.CreateDirectory(target);
            foreach (string name in (string[])[$"{Backend}.dll", $"{Backend}.deps.json", "Microsoft.ML.OnnxRuntime.dll"])
            {
                File.Copy(System.IO.Path.Combine(BuiltFolder(Backend), name), System.IO.Path.Combine(target, name), overwrite: true);
            }

            string assembly = System.IO.Path.Combine(target, $"{Backend}.dll");
            switch (fault)
            {
                case "damaged":
                    File.WriteAllBytes(assembly, File.ReadAllBytes(assembly)[..1000]);
                    break;
                case "older":
                    // As it was compiled when a member of the program had another name.
                    Rename(assembly, "set_FoldNormalization", "set_FoldNormalisation");
                    break;
                default:
                    File.Delete(System.IO.Path.Combine(target, $"{Backend}.deps.json"));
                    break;
            }

            return home;
        }

        /// <summary>Installs libtorch's backend without native libraries.</summary>
        /// <returns>The folder that the program looks for backends in.</returns>
        public string WithBareTorch()
        {
            string home = In("home-torch");
            string target = System.IO.Path.Combine(home, "cmunext", "backends", ThisProgram.Version, "torch");
            Directory.CreateDirectory(target);
            string built = BuiltFolder("CMUNeXt.Torch");
            foreach (string file in (string[])[.. Directory.GetFiles(built, "*.dll"), .. Directory.GetFiles(built, "*.deps.json")])
            {
                File.Copy(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)), overwrite: true);
            }

            return home;
        }

        public void Dispose() => folder.Dispose();

        private static void Rename(string assembly, string from, string to)
        {
            byte[] content = File.ReadAllBytes(assembly);
            int place = content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(from));
            Assert.True(place > 0, $"{assembly} has no {from}");
            Encoding.UTF8.GetBytes(to).CopyTo(content, place);
            File.WriteAllBytes(assembly, content);
        }

        // Beside the tests: bin/CONFIGURATION/FRAMEWORK.
        private static string BuiltFolder(string project)
        {
            string tests = System.IO.Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
            string configuration = System.IO.Path.GetFileName(System.IO.Path.GetDirectoryName(tests)!);
            return Repository.Path("src", project, "bin", configuration, System.IO.Path.GetFileName(tests));
        }

        private static void Copy(string from, string to)
        {
            foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            {
                string target = System.IO.Path.Combine(to, System.IO.Path.GetRelativePath(from, file));
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }

        private string In(string name) => folder.File(name);
    }
}
