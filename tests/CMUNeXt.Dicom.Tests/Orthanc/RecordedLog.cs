using System.Collections.Concurrent;
using CMUNeXt.Dicom.Orthanc;
using Microsoft.Extensions.Logging;

namespace CMUNeXt.Dicom.Tests.Orthanc;

/// <summary>Keeps what the worker logs.</summary>
internal sealed class RecordedLog : ILogger<ArchiveWorker>
{
    private readonly ConcurrentQueue<string> lines = [];

    public IEnumerable<string> Lines => lines;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        lines.Enqueue(formatter(state, exception));
}
