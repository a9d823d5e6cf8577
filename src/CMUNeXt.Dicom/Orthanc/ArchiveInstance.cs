namespace CMUNeXt.Dicom.Orthanc;

/// <summary>An image or loop of an archive.</summary>
/// <param name="Id">The archive's identifier.</param>
/// <param name="Series">
/// The description of its series, which may be empty; of several with the same one, its number too: <c>#3</c>.
/// </param>
/// <param name="Number">Its number in the series; 0 where it is not known.</param>
/// <param name="Frames">The number of frames, at least 1.</param>
public sealed record ArchiveInstance(string Id, string Series, int Number, int Frames);
