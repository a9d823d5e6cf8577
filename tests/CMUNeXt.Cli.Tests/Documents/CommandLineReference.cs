using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;
using CMUNeXt.Cli.Parsing;

namespace CMUNeXt.Cli.Tests.Documents;

/// <summary>The reference of the command line as a page, made from the program's own commands and options.</summary>
internal static class CommandLineReference
{
    /// <summary>The whole page, in Markdown.</summary>
    public static string Page()
    {
        StringBuilder text = new StringBuilder()
            .Append("# Command line\n\n")
            .Append("Every verb and option, as `cmunext VERB --help` has them; the page is made from the program.\n\n")
            .Append("- **Exit status**: 0 done; 1 something was found in files, or failed while working; 2 the command line is wrong; ")
            .Append("130 interrupted.\n")
            .Append("- **Every verb** takes `--help`, and `--verbose`, which shows where in the program a failure arose.\n")
            .Append("- Numbers have a point and no comma. A list takes commas between its values; ")
            .Append("blanks too, except in `predict`, `compare`, `sweep`, `merge` and `backend add`, which take arguments. ")
            .Append("`train --train` and `--teacher`, `serve --weights` and `prepare merge --data` take blanks alone, ")
            .Append("since a comma may be part of a file's name.\n");
        foreach (Command verb in CommandLine.Root.Subcommands.Where(static verb => !verb.Hidden))
        {
            Append(text, verb, verb.Name);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Command command, string name)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {name}\n\n{Escaped(command.Description!)}\n");
        (string Name, string What)[] rows =
        [
            .. command.Arguments.Select(argument => ($"`{argument.Name.ToUpperInvariant()}`", argument.Description!)),
            .. command.Options.Where(static option => option is not HelpOption && !option.Hidden).Select(static option => (
                $"`{option.Name}{(option.HelpName is { } value ? $" {value}" : "")}`{(option.Required ? ", required" : "")}",
                $"{option.Description}{DefaultOf(option)}")),
        ];
        if (rows.Length > 0)
        {
            text.Append("\n| option | what it does |\n| --- | --- |\n");
            text.AppendJoin("", rows.Select(row => $"| {Escaped(row.Name)} | {Escaped(row.What)} |\n"));
        }

        foreach (Command inner in command.Subcommands)
        {
            Append(text, inner, $"{name} {inner.Name}");
        }
    }

    private static string DefaultOf(Option option) =>
        option.HasDefaultValue && option.ValueType != typeof(bool) && option.GetDefaultValue() is { } value and not (Array or "")
            ? $" [default: {Convert.ToString(value, CultureInfo.InvariantCulture)}]"
            : "";

    private static string Escaped(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
