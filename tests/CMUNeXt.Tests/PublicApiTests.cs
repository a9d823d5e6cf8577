using PublicApiGenerator;

namespace CMUNeXt.Tests;

public sealed class PublicApiTests
{
    /// <summary>
    /// What developers can call changes only on purpose: the test writes what it found beside the recorded surface. Where the change is
    /// meant, move PublicApi.actual.txt over PublicApi.txt.
    /// </summary>
    [Fact]
    public void The_public_surface_is_the_recorded_one()
    {
        string folder = Repository.Path("tests", "CMUNeXt.Tests");
        string recorded = Path.Combine(folder, "PublicApi.txt");
        string found = Path.Combine(folder, "PublicApi.actual.txt");
        ApiGeneratorOptions options = new() { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = [] };
        string actual = typeof(Segmenter).Assembly.GeneratePublicApi(options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        File.Delete(found);
        if (!File.Exists(recorded) || File.ReadAllText(recorded).ReplaceLineEndings("\n") != actual)
        {
            File.WriteAllText(found, actual);
            Assert.Fail($"The public surface of CMUNeXt is another than {recorded} says. Compare it with {found}; where the change is meant, move that over it.");
        }
    }
}
