using CMUNeXt.Cli.Suite;
using CMUNeXt.Tests;

namespace CMUNeXt.Cli.Tests.Suite;

/// <summary>The files of a suite's table.</summary>
public sealed class SuiteReportTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Where_the_table_cannot_be_written_neither_an_earlier_one_nor_its_image_stays()
    {
        // Of a network whose accuracy is published, so that there is an image of it.
        SuiteRow row = new()
        {
            Model = "cmunext",
            Size = 256,
            Parameters = 1,
            ConvolutionMacs = 1,
            AllMacs = 1,
        };
        SuiteReport report = new(null, [row]);
        report.Write(folder.Path);
        Assert.True(File.Exists(folder.File("suite.csv")));
        Assert.True(File.Exists(folder.File("suite.png")));

        Directory.CreateDirectory(folder.File("suite.csv.part"));
        Assert.Throws<IOException>(() => report.Write(folder.Path));
        Assert.Equal(["suite.json"], Directory.GetFiles(folder.Path).Select(Path.GetFileName));
    }
}
