namespace CMUNeXt.Training.Sessions;

/// <summary>
/// Settings of a training contradict each other, or do not suit the network, the data set or the backend. The message is one sentence that
/// says which, and what to do.
/// </summary>
/// <param name="message">The sentence.</param>
public sealed class SettingsException(string message) : Exception(message);
