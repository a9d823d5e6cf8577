namespace CMUNeXt.Dicom.Orthanc;

/// <summary>A line of the archive's log of changes.</summary>
/// <param name="Number">Its number; a later change has a larger one.</param>
/// <param name="Type">What happened, such as NewInstance.</param>
/// <param name="Instance">To what: the server's identifier.</param>
internal sealed record ArchiveChange(long Number, string Type, string Instance);
