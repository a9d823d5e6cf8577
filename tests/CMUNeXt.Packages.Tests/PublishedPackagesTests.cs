using System.Runtime.InteropServices;
using System.Xml.Linq;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Tests;

namespace CMUNeXt.Packages.Tests;

/// <summary>
/// The packages as somebody finds them who has nothing else: all are packed into a folder, and in an empty one programs are made of them.
/// What ours depend on comes from the machine's own sources. This takes minutes, so it is asked for: CMUNEXT_TEST_PACKAGES=1.
/// </summary>
public sealed class PublishedPackagesTests : IDisposable
{
    private static readonly string Example = Repository.Path("examples", "phantom_0001.png");

    // Of this run alone, so that no package of an earlier one is taken.
    private readonly string version = $"0.1.0-test.{DateTime.UtcNow.Ticks}";
    private readonly TemporaryFolder folder = new();
    private readonly DotnetProcess process;

    public PublishedPackagesTests() => process = new DotnetProcess(folder.Path);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void From_the_packages_alone_programs_are_made_that_find_what_the_library_finds()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("CMUNEXT_TEST_PACKAGES") == "1", "CMUNEXT_TEST_PACKAGES=1 asks for it: it takes minutes.");
        PackAll();

        // Beside the machine's own sources: a program restores packages of other systems, which none of the product's own builds asks for,
        // so that no cache has them. Ours have the version of this run, and so come from the folder alone.
        File.WriteAllText(
            In("nuget.config"),
            $"<configuration><packageSources><add key=\"packed\" value=\"{In("packages")}\"/></packageSources></configuration>");
        File.WriteAllText(In("Directory.Build.props"), "<Project/>");
        File.WriteAllText(In("Directory.Build.targets"), "<Project/>");
        byte[] expected = Expected();

        InstalledTool(expected);
        Template(expected);
        LinesOfTheReadme(expected);
        foreach (string package in (string[])["CMUNeXt.Imaging", "CMUNeXt.Drawing", "CMUNeXt.Extensions", "CMUNeXt.Pretrained.Thyroid"])
        {
            LinesOfAPackage(package);
        }
    }

    private void PackAll()
    {
        string[] projects =
        [
            .. Directory.GetFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories)
                .Where(path => XDocument.Load(path).Root!.Descendants("IsPackable").SingleOrDefault()?.Value != "false"),
            Repository.Path("templates", "CMUNeXt.Templates.csproj"),
        ];
        foreach (string project in projects)
        {
            process.Succeed("dotnet", "pack", project, "-c", "Release", "-o", In("packages"), $"-p:Version={version}", "-v", "quiet");
        }

        foreach (string project in projects.Select(path => Path.GetFileNameWithoutExtension(path)))
        {
            if (project is not ("CMUNeXt.Cli" or "CMUNeXt.Templates"))
            {
                using Package package = Package.Open(In("packages"), project);
                PackageContentTests.Check(package);
                Assert.Equal(
                    project.StartsWith("CMUNeXt.Pretrained", StringComparison.Ordinal), package.Files.Contains("model-card.md"));
                Assert.Equal(project == "CMUNeXt.Drawing", package.Files.Contains("notices/DejaVuSans.txt"));
            }
        }
    }

    // The library as these tests are built with it.
    private static byte[] Expected()
    {
        using Segmenter segmenter = Segmenter.Load(Pretrained.BreastUltrasound);
        byte[] mask = segmenter.Segment(ImageFile.Load(Example)).Mask.Pixels;
        Assert.Contains((byte)1, mask);
        return mask;
    }

    private void InstalledTool(byte[] expected)
    {
        process.Succeed("dotnet", "tool", "install", "CMUNeXt.Cli", "--version", version, "--tool-path", "tool");
        Assert.All((string[])["Skia.txt", "DejaVuSans.txt"], notice => Assert.Contains(
            Directory.GetFiles(In("tool"), notice, SearchOption.AllDirectories),
            path => Path.GetDirectoryName(path)!.EndsWith("notices", StringComparison.Ordinal)));
        process.Succeed(In("tool/cmunext"), "predict", Example, "--output", "predicted");
        Assert.Equal(expected, MaskOf(In("predicted/phantom_0001_mask.png")));
    }

    private void Template(byte[] expected)
    {
        process.Succeed("dotnet", "new", "install", In($"packages/CMUNeXt.Templates.{version}.nupkg"));
        process.Succeed("dotnet", "new", "cmunext-app", "--output", "Lesions");
        string system = RuntimeInformation.RuntimeIdentifier;
        process.Succeed("dotnet", "publish", "Lesions", "-r", system, "-o", "published", "-warnaserror", "-v", "quiet");
        File.Copy(Example, In("image.png"));
        string output = process.Succeed(In("published/Lesions"), "image.png");
        Assert.Equal(expected, MaskOf(In("image.png.mask.png")));
        File.Copy(Example, In("image.jpg"));
        File.WriteAllText(In("image.png.mask.png"), "corrected by hand");
        process.Succeed(In("published/Lesions"), "image.jpg", "image.png", "image.png.mask.png");
        Assert.Equal(expected, MaskOf(In("image.jpg.mask.png")));
        Assert.Equal("corrected by hand", File.ReadAllText(In("image.png.mask.png")));
        Assert.Equal(2, Directory.GetFiles(folder.Path, "*.mask.png").Length);
        if (system.EndsWith("-x64", StringComparison.Ordinal))
        {
            Assert.Contains("with Avx2", output, StringComparison.Ordinal);
        }

        Report($"compiled ahead of time: {new FileInfo(In("published/Lesions")).Length / 1e6:0.0} MB");
    }

    private void LinesOfTheReadme(byte[] expected)
    {
        Create("Lines", "CMUNeXt.Imaging", "CMUNeXt.Pretrained");
        File.WriteAllText(In("Lines/Program.cs"), Markdown.CSharpBlocks(Repository.Path("README.md")).First());
        process.Succeed("dotnet", "run", "--project", "Lines");
        Assert.Equal(expected, MaskOf(In("mask.png")));
    }

    private void LinesOfAPackage(string package)
    {
        string name = package.Replace('.', '_');
        Create(name, [package, "CMUNeXt.Imaging", "CMUNeXt.Pretrained"], package == "CMUNeXt.Extensions" ? "web" : "console");
        File.WriteAllText(In($"{name}/Program.cs"), Markdown.CSharpBlocks(Repository.Path("src", package, "README.md")).First());
        process.Succeed("dotnet", "build", name, "-c", "Release", "-warnaserror", "-v", "quiet");
        string bin = In($"{name}/bin/Release/net10.0");
        string[] files = Directory.GetFiles(bin, "*", SearchOption.AllDirectories);
        Assert.DoesNotContain(files, file => Path.GetFileName(file).StartsWith("lib", StringComparison.Ordinal)
            && Path.GetExtension(file) == ".pdb");
        Report($"bin of a program with {package}: {files.Sum(file => new FileInfo(file).Length) / 1e6:0} MB");
    }

    private void Create(string name, params string[] packages) => Create(name, packages, "console");

    private void Create(string name, string[] packages, string template)
    {
        process.Succeed("dotnet", "new", template, "--output", name);
        foreach (string package in packages.Distinct())
        {
            process.Succeed("dotnet", "add", name, "package", package, "--version", version);
        }
    }

    private static byte[] MaskOf(string path) => ImageFile.LoadMask(path, MaskValues.ZeroOr255).Pixels;

    private static void Report(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    private string In(string name) => folder.File(name);
}
