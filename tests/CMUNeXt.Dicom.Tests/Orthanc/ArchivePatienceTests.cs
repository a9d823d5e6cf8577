using CMUNeXt.Dicom.Orthanc;

namespace CMUNeXt.Dicom.Tests.Orthanc;

public sealed class ArchivePatienceTests
{
    [Fact]
    public void What_is_behind_a_failed_request_is_told_once()
    {
        IOException cause = new("The response ended prematurely.");
        Assert.Equal(
            "The request failed. (The response ended prematurely.)",
            ArchivePatience.Cause(new HttpRequestException("The request failed.", cause)));
        Assert.Equal(
            "Broke off: The response ended prematurely.",
            ArchivePatience.Cause(new HttpRequestException($"Broke off: {cause.Message}", cause)));
        Assert.Equal("no answer", ArchivePatience.Cause(new HttpRequestException("no answer")));
    }
}
