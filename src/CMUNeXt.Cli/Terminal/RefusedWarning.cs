using CMUNeXt.Files;
using CMUNeXt.Training.Preparation;

namespace CMUNeXt.Cli.Terminal;

/// <summary>Says in one line that a data set lacks files which its preparation refused.</summary>
internal static class RefusedWarning
{
    /// <summary>Prints it on standard error, where it is so.</summary>
    /// <param name="data">The data set's folder.</param>
    public static void Print(string data)
    {
        if (RefusedFiles.Describe(data) is { } refused)
        {
            Console.Error.WriteLine($"warning: {PrintableText.Of(refused)}");
        }
    }
}
