using System.Reflection;
using CMUNeXt.Tests;
using Mono.Cecil;
using PublicApiGenerator;

namespace CMUNeXt.Dependencies.Tests;

public sealed class PublicApiTests
{
    // What no user needs is internal.
    private const int MostTypesOfTheCore = 51;
    private const int MostTypesOfTheTraining = 95;

    /// <summary>The projects that others build on: all but the programs.</summary>
    public static TheoryData<string> Packages =>
        [.. ProductAssembly.All.Where(assembly => assembly.Module.Kind == ModuleKind.Dll).Select(assembly => assembly.Project)];

    /// <summary>
    /// What developers can call changes only on purpose: the test writes what it found beside the recorded surface. Where the change is
    /// meant, move NAME.actual.txt over NAME.txt.
    /// </summary>
    [Theory]
    [MemberData(nameof(Packages))]
    public void The_public_surface_is_the_recorded_one(string package)
    {
        string recorded = Repository.Path("tests", "CMUNeXt.Dependencies.Tests", "PublicApi", $"{package}.txt");
        string found = Path.ChangeExtension(recorded, ".actual.txt");
        ApiGeneratorOptions options = new() { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] };
        string actual = Load(package).GeneratePublicApi(options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        File.Delete(found);
        if (!File.Exists(recorded) || File.ReadAllText(recorded).ReplaceLineEndings("\n") != actual)
        {
            File.WriteAllText(found, actual);
            Assert.Fail($"The public surface of {package} is another than {recorded} says. "
                + $"Compare it with {found}; where the change is meant, move that over it.");
        }
    }

    [Theory]
    [InlineData("CMUNeXt", MostTypesOfTheCore)]
    [InlineData("CMUNeXt.Training", MostTypesOfTheTraining)]
    public void Core_and_training_have_few_public_types(string package, int most) =>
        Assert.InRange(Load(package).GetExportedTypes().Length, 1, most);

    private static Assembly Load(string project) =>
        Assembly.LoadFrom(ProductAssembly.All.Single(assembly => assembly.Project == project).Module.FileName);
}
