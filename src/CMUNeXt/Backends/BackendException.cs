namespace CMUNeXt.Backends;

/// <summary>No backend does what is asked for; the message says why, and what to do.</summary>
public sealed class BackendException(string message) : Exception(message);
