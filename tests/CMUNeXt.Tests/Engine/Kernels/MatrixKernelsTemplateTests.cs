namespace CMUNeXt.Tests.Engine.Kernels;

public sealed class MatrixKernelsTemplateTests
{
    /// <summary>
    /// After a change of the template, move MatrixKernels.actual.txt, which the test writes beside this file, over MatrixKernels.cs.
    /// </summary>
    [Fact]
    public void The_unrolled_kernels_are_what_the_template_writes()
    {
        string kernels = Repository.Path("src", "CMUNeXt", "Engine", "Kernels", "MatrixKernels.cs");
        string found = Repository.Path("tests", "CMUNeXt.Tests", "Engine", "Kernels", "MatrixKernels.actual.txt");
        File.Delete(found);
        if (File.ReadAllText(kernels).ReplaceLineEndings("\n") != MatrixKernelsTemplate.Write())
        {
            File.WriteAllText(found, MatrixKernelsTemplate.Write());
            Assert.Fail($"{kernels} is not what its template writes; move {found} over it.");
        }
    }
}
