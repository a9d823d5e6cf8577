namespace CMUNeXt.Cli;

/// <summary>The command line alone shows that something is wrong; the message is one sentence.</summary>
internal sealed class UsageException(string message) : Exception(message);
