using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using CMUNeXt.Tests;

namespace CMUNeXt.Packages.Tests;

public sealed class PackageContentTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("CMUNeXt", "buildTransitive/CMUNeXt.targets")]
    [InlineData("CMUNeXt.Extensions", "lib/net10.0/CMUNeXt.Extensions.dll")]
    public void A_package_has_what_its_users_look_for_and_names_no_folder_of_this_machine(string project, string file)
    {
        // Built with these tests, and so in their configuration.
        string configuration = Path.GetFileName(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)))!;
        Assert.SkipUnless(configuration == "Release", "Packages are made of a Release build.");
        new DotnetProcess(folder.Path).Succeed(
            "dotnet", "pack", Repository.Path("src", project), "-c", "Release", "--no-build", "-o", folder.Path);
        using Package package = Package.Open(folder.Path, project);
        Assert.Contains(file, package.Files);
        Check(package);
    }

    [Fact]
    public void Packing_does_not_build_into_the_folder_that_the_program_loads_libtorch_from()
    {
        DotnetProcess process = new(folder.Path);
        Assert.Contains("/bin/Release/", TargetOf(), StringComparison.Ordinal);
        Assert.DoesNotContain("/bin/Release/", TargetOf("-p:_IsPacking=true"), StringComparison.Ordinal);

        string TargetOf(params string[] properties)
        {
            string[] arguments =
                ["msbuild", Repository.Path("src", "CMUNeXt.Torch"), "-getProperty:TargetPath", "-p:Configuration=Release", .. properties];
            string target = process.Succeed("dotnet", arguments).Trim().Replace('\\', '/');
            Assert.EndsWith("/CMUNeXt.Torch.dll", target, StringComparison.Ordinal);
            return target;
        }
    }

    [Fact]
    public void Every_project_says_what_it_is_for()
    {
        string[] projects = [.. Directory.GetFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories)];
        XElement[] packable = [.. projects.Select(path => XDocument.Load(path).Root!).Where(project =>
            project.Descendants("IsPackable").SingleOrDefault()?.Value != "false")];
        Assert.True(packable.Length > 10);
        Assert.All(packable, project => Assert.NotEmpty(project.Descendants("Description").Single().Value));
        Assert.Equal(packable.Length, packable.Select(project => project.Descendants("Description").Single().Value).Distinct().Count());
        Assert.All(
            projects.Where(path => XDocument.Load(path).Root!.Descendants("IsPackable").SingleOrDefault()?.Value != "false"),
            path => Assert.StartsWith(
                $"# {Path.GetFileNameWithoutExtension(path)}\n",
                File.ReadAllText(Path.Combine(Path.GetDirectoryName(path)!, "README.md")).ReplaceLineEndings("\n"),
                StringComparison.Ordinal));
    }

    [Fact]
    public void The_page_on_embedding_shows_the_programs_of_the_packages()
    {
        string readmes = string.Concat(
            Directory.GetFiles(Repository.Path("src"), "README.md", SearchOption.AllDirectories).Select(File.ReadAllText));
        string[] blocks = [.. Markdown.CSharpBlocks(Repository.Path("docs", "get-started", "embed.md"))];
        Assert.Equal(4, blocks.Length);
        Assert.All(blocks, block => Assert.Contains(block, readmes.ReplaceLineEndings("\n"), StringComparison.Ordinal));
    }

    [Fact]
    public void The_filter_of_libraries_has_what_the_page_on_embedding_names_and_what_that_needs()
    {
        HashSet<string> expected = [];
        string page = File.ReadAllText(Repository.Path("docs", "get-started", "embed.md"));
        Queue<string> open = new(
            Regex.Matches(page, @"^\| `(CMUNeXt[\w.]*)` \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value));
        Assert.Equal(10, open.Count);
        while (open.TryDequeue(out string? name))
        {
            if (expected.Add($"src/{name}/{name}.csproj"))
            {
                XDocument project = XDocument.Load(Repository.Path("src", name, $"{name}.csproj"));
                foreach (XElement reference in project.Descendants("ProjectReference"))
                {
                    open.Enqueue(Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
                }
            }
        }

        using JsonDocument filter = JsonDocument.Parse(File.ReadAllText(Repository.Path("src", "libraries.slnf")));
        Assert.Equal(expected.Order(StringComparer.Ordinal), filter.RootElement.GetProperty("solution").GetProperty("projects")
            .EnumerateArray().Select(project => project.GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_notices_name_every_package_that_the_product_is_built_with()
    {
        string notices = File.ReadAllText(Repository.Path("THIRD-PARTY-NOTICES.md"));
        string[] families = ["SkiaSharp.NativeAssets", "libtorch-cpu", "Microsoft.Extensions", "OpenTelemetry"];
        string[] used =
        [
            .. Directory.GetFiles(Repository.Path("src"), "*.csproj", SearchOption.AllDirectories)
                .SelectMany(path => XDocument.Load(path).Descendants("PackageReference"))
                .Select(reference => reference.Attribute("Include")!.Value).Distinct(),
        ];
        Assert.Contains("SkiaSharp", used);
        Assert.All(used, name => Assert.Contains(
            families.FirstOrDefault(family => name.StartsWith(family, StringComparison.Ordinal)) ?? name, notices,
            StringComparison.Ordinal));
    }

    /// <summary>What holds of every package of code.</summary>
    internal static void Check(Package package)
    {
        Assert.Equal(("README.md", "icon.png", "MIT"), (package.Text("readme"), package.Text("icon"), package.Text("license")));
        Assert.Contains("segmentation", package.Text("tags"), StringComparison.Ordinal);
        Assert.NotEmpty(package.Text("description"));
        Assert.Superset(
            new HashSet<string> { "README.md", "icon.png", "THIRD-PARTY-NOTICES.md" }, package.Files.ToHashSet(StringComparer.Ordinal));
        IReadOnlyList<string> paths = package.NamedPaths();
        Assert.Contains(paths, path => path.EndsWith(".cs", StringComparison.Ordinal));
        Assert.Contains(paths, path => path.EndsWith($"{package.Name}.pdb", StringComparison.Ordinal));
        Assert.All(paths, path => Assert.StartsWith("/_/", path, StringComparison.Ordinal));
    }
}
