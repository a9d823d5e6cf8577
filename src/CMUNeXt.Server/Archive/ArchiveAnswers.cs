using CMUNeXt.Dicom.Orthanc;

namespace CMUNeXt.Server.Archive;

/// <summary>Which archive is served.</summary>
/// <param name="Address">Its address, without a password; null where none is.</param>
internal sealed record ArchiveAnswer(string? Address);

/// <summary>Studies of an archive.</summary>
/// <param name="Studies">The studies with ultrasound images, the newest first.</param>
/// <param name="AreAll">Whether there are no more than these.</param>
internal sealed record StudiesAnswer(IReadOnlyList<ArchiveStudy> Studies, bool AreAll);

/// <summary>Ultrasound images of a study.</summary>
/// <param name="Images">The images and loops that are no results of this program.</param>
internal sealed record StudyImagesAnswer(IReadOnlyList<ArchiveInstance> Images);

/// <summary>What was stored.</summary>
/// <param name="Stored">The archive's identifiers of the objects: mask, measurements, and of an image with one frame its overlay.</param>
internal sealed record StoredAnswer(IReadOnlyList<string> Stored);
