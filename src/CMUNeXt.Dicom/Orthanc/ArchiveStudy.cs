namespace CMUNeXt.Dicom.Orthanc;

/// <summary>A study of an archive that has ultrasound images.</summary>
/// <param name="Id">The archive's identifier.</param>
/// <param name="Date">The date, YYYYMMDD; empty where it is not known.</param>
/// <param name="Patient">The patient's name as DICOM writes it; may be empty.</param>
/// <param name="PatientId">The patient's identifier; may be empty.</param>
/// <param name="Description">What the study is of; may be empty.</param>
public sealed record ArchiveStudy(string Id, string Date, string Patient, string PatientId, string Description);
