// Makes everything that is handed out, in one folder: the packages, the edge program for each system that can be built here, weights that
// no package holds, bills of materials, notices and checksums. Run it with: dotnet run release.cs [-- FOLDER]
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.RegularExpressions;

string output = args.Length > 0 ? args[0] : "release";
if (Directory.Exists(output))
{
    Console.Error.WriteLine($"{output}: the folder exists; remove it, or name another one.");
    return 1;
}

// Packages that are known to be vulnerable end it here.
if (!Dotnet("restore", "CMUNeXt.slnx", "--force", "-p:NuGetAudit=true", "-p:NuGetAuditMode=all", "-v", "quiet", "-nologo"))
{
    return 1;
}

string[] projects = [.. Directory.GetFiles("src", "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
foreach (string project in projects.Append("templates/CMUNeXt.Templates.csproj"))
{
    if (!Dotnet("pack", project, "-c", "Release", "-o", Path.Combine(output, "packages"), "-v", "quiet", "-nologo"))
    {
        return 1;
    }
}

foreach ((string system, string[] options) in Systems())
{
    string folder = Path.Combine(output, "edge", system);
    if (!Dotnet(
        ["publish", "src/CMUNeXt.Edge", "-c", "Release", "-r", system, "-o", folder, "-v", "quiet", "-nologo", .. options]))
    {
        return 1;
    }

    CopyPages(folder);
    Copy("THIRD-PARTY-NOTICES.md", folder);
    Copy("LICENSE", folder);
    File.Copy(RuntimeNotices(system), Path.Combine(folder, "THIRD-PARTY-NOTICES-DOTNET.txt"));
}

// The base, and what came with earlier versions.
string weights = Path.Combine(output, "weights");
Directory.CreateDirectory(weights);
Copy("docs/notebook/results/breast-ultrasound-base.safetensors", weights);
Copy("docs/reference/model-cards/breast-ultrasound-base.md", weights);
Copy("docs/notebook/results/cmunext-s-busi-split2.safetensors", weights);

// This program is built with the version of all the others.
string version = typeof(Program).Assembly.GetName().Version!.ToString(3);
if (!Dotnet("tool", "restore") || !projects.All(project => Dotnet(
    "dotnet-CycloneDX", project, "--include-project-references", "--output", Path.Combine(output, "bom"), "--filename",
    $"{Path.GetFileNameWithoutExtension(project)}.json", "--output-format", "Json", "--set-name", Path.GetFileNameWithoutExtension(project),
    "--set-version", version, "--disable-package-restore")))
{
    return 1;
}

Copy("LICENSE", output);
Copy("THIRD-PARTY-NOTICES.md", output);
Copy("CHANGELOG.md", output);
string[] files = [.. Directory.GetFiles(output, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
File.WriteAllLines(Path.Combine(output, "SHA256SUMS"), files.Select(file =>
{
    using FileStream content = File.OpenRead(file);
    string name = Path.GetRelativePath(output, file).Replace('\\', '/');
    return $"{Convert.ToHexStringLower(SHA256.HashData(content))}  {name}";
}));
Console.WriteLine($"{output}: {files.Length + 1} files, {files.Sum(file => new FileInfo(file).Length) / 1e6:0} MB");
return 0;

// The ahead-of-time compiler links for its own system, and on Linux for arm64 too where the compiler for it is installed.
static IEnumerable<(string System, string[] Options)> Systems()
{
    yield return (RuntimeInformation.RuntimeIdentifier, []);
    if (RuntimeInformation.RuntimeIdentifier == "linux-x64" && IsOnPath("aarch64-linux-gnu-gcc"))
    {
        yield return ("linux-arm64", ["-p:CppCompilerAndLinker=aarch64-linux-gnu-gcc", "-p:ObjCopyName=aarch64-linux-gnu-objcopy"]);
    }
}

// What .NET's runtime, which the edge program contains, takes from others.
static string RuntimeNotices(string system)
{
    string packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
    string runtime = Directory.GetDirectories(Path.Combine(packages, $"microsoft.netcore.app.runtime.nativeaot.{system}"))
        .MaxBy(folder => Version.TryParse(Path.GetFileName(folder), out Version? version) ? version : new Version())!;
    return Path.Combine(runtime, "THIRD-PARTY-NOTICES.TXT");
}

static bool IsOnPath(string program) =>
    (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

// The edge program's pages beside it: links to what lies there too hold, and of the others the words are left.
static void CopyPages(string folder)
{
    Copy("docs/figures/without-internet.png", folder);
    foreach (string page in (string[])["docs/get-started/without-internet.md", "docs/how-to/edge.md"])
    {
        string text = Regex.Replace(File.ReadAllText(page), @"\[([^]]+)\]\(([^)]+)\)", link =>
            link.Groups[2].Value is "../figures/without-internet.png" or "../how-to/edge.md"
                ? $"[{link.Groups[1]}]({Path.GetFileName(link.Groups[2].Value)})"
                : link.Groups[1].Value);
        File.WriteAllText(Path.Combine(folder, Path.GetFileName(page)), text);
    }
}

static void Copy(string file, string folder) => File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));

static bool Dotnet(params string[] arguments)
{
    Console.WriteLine($"dotnet {string.Join(' ', arguments)}");
    using Process process = Process.Start("dotnet", arguments);
    process.WaitForExit();
    return process.ExitCode == 0;
}
