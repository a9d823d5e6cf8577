using System.CommandLine;
using CMUNeXt.Cli.Options;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Parts;

/// <summary>The options that divide a job among processes.</summary>
internal static class PartOptions
{
    private const string Auto = "auto";

    private static readonly Option<string?> Part = CommonOptions.Text(
        "--part", "Do part k of n, beside the others in the same output; auto takes k and n from mpirun, Slurm or Kubernetes.", "K/N");

    private static readonly Option<int?> Parts = CommonOptions.Within(1, WorkPart.Most, new Option<int?>("--parts")
    {
        Description = "With --part auto in a Kubernetes Indexed Job: the number of its completions.",
        HelpName = "N",
    });

    /// <summary>Both.</summary>
    public static IReadOnlyList<Option> All { get; } = [Part, Parts];

    /// <summary>Whether a part is asked for.</summary>
    public static bool IsGiven(ParseResult parsed) => parsed.GetValue(Part) is not null;

    /// <summary>Refuses to make everything anew beside what leaves out what is done: a part, and options of a verb's own.</summary>
    /// <exception cref="UsageException">Both are asked for.</exception>
    public static void CheckOverwrite(ParseResult parsed, Option<bool> overwrite, params Option<bool>[] others)
    {
        string? other = IsGiven(parsed) ? Part.Name : others.FirstOrDefault(option => parsed.GetValue(option))?.Name;
        if (other is not null && parsed.GetValue(overwrite))
        {
            throw new UsageException($"{overwrite.Name} makes everything anew, and {other} leaves out what is done; give one");
        }
    }

    /// <summary>The exit status where some cases failed: over one that is not 0 mpirun would end the other parts.</summary>
    public static int StatusOfFailures(ParseResult parsed) =>
        parsed.GetValue(Part) == Auto && JobEnvironment.OfThisProcess.IsMpirun ? ExitStatus.Done : ExitStatus.Failed;

    /// <summary>
    /// The part that is asked for; null where everything is. Where many are started and no part is asked for, a line says so.
    /// </summary>
    /// <exception cref="UsageException">The part is none.</exception>
    public static WorkPart? Read(ParseResult parsed)
    {
        int? parts = parsed.GetValue(Parts);
        switch (parsed.GetValue(Part))
        {
            case Auto:
                return JobEnvironment.OfThisProcess.FindPart(parts);
            case { } text:
                return parts is null
                    ? WorkPart.Read(text)
                        ?? throw new UsageException($"--part is k/n with k from 1 to n, such as 2/4, or auto, not '{text}'")
                    : throw new UsageException("--parts is for --part auto");
            default:
                if (parts is not null)
                {
                    throw new UsageException("--parts is for --part auto");
                }

                if (JobEnvironment.OfThisProcess.Found is { } found)
                {
                    Console.Error.WriteLine($"note: this runs under {found}, and each process does everything; --part auto divides it");
                }

                return null;
        }
    }
}
