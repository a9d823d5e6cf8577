using CMUNeXt.Tests;

namespace CMUNeXt.Packages.Tests;

/// <summary>
/// Programs of one file, which the pages have one run, and which are in no solution. Each is a build, so it is asked for:
/// CMUNEXT_TEST_PACKAGES=1.
/// </summary>
public sealed class ProgramFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public static TheoryData<string> Programs =>
    [
        .. Directory.GetFiles(Repository.Path(), "*.cs")
            .Concat(Directory.GetFiles(Repository.Path("benchmarks"), "*.cs"))
            .Concat(Directory.GetFiles(Repository.Path("docs", "notebook", "results"), "*.cs"))
            .Select(path => Path.GetRelativePath(Repository.Path(), path)).Order(StringComparer.Ordinal),
    ];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Programs))]
    public void It_compiles(string program)
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("CMUNEXT_TEST_PACKAGES") == "1", "CMUNEXT_TEST_PACKAGES=1 asks for it: it takes minutes.");
        new DotnetProcess(folder.Path).Succeed("dotnet", "build", Repository.Path(program), "-v", "quiet", "-nologo");
    }
}
