namespace CMUNeXt.Tests.Engine.Kernels;

public sealed class KernelTemplatesTests
{
    /// <summary>The files that templates write.</summary>
    public static TheoryData<string, string> Files { get; } = new()
    {
        { "MatrixKernels", MatrixKernelsTemplate.Write() },
        { "WeightGradientKernels", WeightGradientKernelsTemplate.Write() },
    };

    /// <summary>
    /// After a change of a template, move NAME.actual.txt, which the test writes beside this file, over NAME.g.cs.
    /// </summary>
    [Theory]
    [MemberData(nameof(Files), DisableDiscoveryEnumeration = true)]
    public void The_unrolled_kernels_are_what_the_template_writes(string name, string written)
    {
        string kernels = Repository.Path("src", "CMUNeXt", "Engine", "Kernels", $"{name}.g.cs");
        string found = Repository.Path("tests", "CMUNeXt.Tests", "Engine", "Kernels", $"{name}.actual.txt");
        File.Delete(found);
        if (File.ReadAllText(kernels).ReplaceLineEndings("\n") != written)
        {
            File.WriteAllText(found, written);
            Assert.Fail($"{kernels} is not what its template writes; move {found} over it.");
        }
    }
}
