namespace CMUNeXt.Cli.Terminal;

/// <summary>Hands progress on at once, on the thread that reports it.</summary>
internal sealed class Callback<T>(Action<T> action) : IProgress<T>
{
    public void Report(T value) => action(value);
}
