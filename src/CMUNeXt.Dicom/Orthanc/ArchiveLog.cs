using Microsoft.Extensions.Logging;

namespace CMUNeXt.Dicom.Orthanc;

/// <summary>The lines of the worker's log. They name instances by the archive's identifiers; none has a patient's name.</summary>
internal static partial class ArchiveLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "watching Orthanc {Version} at {Archive}")]
    public static partial void Watching(this ILogger log, string version, Uri archive);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "--from-start has no effect: {State} says how far an earlier start came, and this one goes on from there")]
    public static partial void GoesOn(this ILogger log, string state);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "the archive's last change is {Last}, and {Done} are done: it is another one, or restored, and begun from its start")]
    public static partial void AnotherArchive(this ILogger log, long last, long done);

    [LoggerMessage(Level = LogLevel.Information, Message = "would segment instance={Instance} frames={Frames}")]
    public static partial void WouldSegment(this ILogger log, string instance, string frames);

    [LoggerMessage(Level = LogLevel.Information, Message = "left alone instance={Instance}: {Objection}")]
    public static partial void LeftAlone(this ILogger log, string instance, string objection);

    [LoggerMessage(Level = LogLevel.Information, Message = "segmented instance={Instance} stored={Stored} seconds={Seconds}")]
    public static partial void Segmented(this ILogger log, string instance, int stored, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "skipped change={Change} instance={Instance}: {Problem}")]
    public static partial void Skipped(this ILogger log, long change, string instance, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "failed change={Change} instance={Instance} attempt={Attempt}: {Problem}")]
    public static partial void Failed(this ILogger log, long change, string instance, int attempt, string problem);

    [LoggerMessage(
        Level = LogLevel.Warning, Message = "refused change={Change} instance={Instance} kind={Kind} modality={Receiver}: {Problem}")]
    public static partial void Refused(this ILogger log, long change, string instance, string kind, string receiver, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "refused change={Change} instance={Instance} result={Result}: {Problem}")]
    public static partial void NotStored(this ILogger log, long change, string instance, string result, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "waiting for room in {Archive}: {Problem}")]
    public static partial void WaitingForRoom(this ILogger log, Uri archive, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "waiting for modality={Receiver}, which the archive cannot reach: {Problem}")]
    public static partial void WaitingForReceiver(this ILogger log, string receiver, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "waiting for {Folder}, where results cannot be written: {Problem}")]
    public static partial void WaitingForFolder(this ILogger log, string folder, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "waiting for {Archive}: {Problem}")]
    public static partial void Waiting(this ILogger log, Uri archive, string problem);
}
