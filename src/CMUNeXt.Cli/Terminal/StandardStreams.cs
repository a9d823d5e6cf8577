using System.Text;
using CMUNeXt.Files;
using Spectre.Console;

namespace CMUNeXt.Cli.Terminal;

/// <summary>
/// Standard output and standard error. What the program prints goes through a guard that text from outside cannot pass with control
/// characters; tables and bars, which consist of them, do not.
/// </summary>
internal static class StandardStreams
{
    private static IAnsiConsole? error;

    /// <summary>Whether somebody reads the output on a terminal.</summary>
    public static bool IsOutputTerminal { get; private set; } = !Console.IsOutputRedirected;

    /// <summary>Draws on standard error.</summary>
    public static IAnsiConsole Error => error ??= Create(new TolerantWriter(Console.Error), !Console.IsErrorRedirected);

    /// <summary>Puts the guard before everything that is printed from now on.</summary>
    /// <param name="isCopied">Whether a terminal is none that somebody reads, as that which mpirun gives each of its processes.</param>
    public static void Guard(bool isCopied)
    {
        IsOutputTerminal &= !isCopied;
        AnsiConsole.Console = Create(Console.Out, IsOutputTerminal);
        TolerantWriter tolerant = new(Console.Error);
        error = Create(tolerant, !Console.IsErrorRedirected);
        Console.SetOut(new PrintableWriter(Console.Out));
        Console.SetError(new PrintableWriter(tolerant));
    }

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new Output(writer, isTerminal) });

    private sealed class Output(TextWriter writer, bool isTerminal) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => Measure(() => Console.BufferWidth, 80);

        public int Height => Measure(() => Console.WindowHeight, 24);

        public void SetEncoding(Encoding encoding)
        {
        }

        // Where there is no terminal there is no size.
        private static int Measure(Func<int> side, int otherwise)
        {
            try
            {
                return side() is > 0 and int size ? size : otherwise;
            }
            catch (IOException)
            {
                return otherwise;
            }
        }
    }
}
