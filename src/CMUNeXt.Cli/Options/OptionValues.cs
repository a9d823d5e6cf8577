using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using CMUNeXt.Files;

namespace CMUNeXt.Cli.Options;

/// <summary>
/// How the values of options are read, for every option of every verb: numbers in the one way of <see cref="Number"/>, and no text that is
/// empty. Whatever is something else is an error of the command line, with what was typed.
/// </summary>
internal static class OptionValues
{
    /// <summary>Makes the options of a command and its subcommands read their values so.</summary>
    public static void Bind(Command command)
    {
        foreach (Option option in command.Options)
        {
            // What stands behind a list is an argument of the verb, where it has some.
            option.AllowMultipleArgumentsPerToken &= command.Arguments.Count == 0;
            _ = BindNumber<int>(option) || BindNumber<long>(option) || BindNumber<ulong>(option) || BindNumber<double>(option)
                || BindText(option);
        }

        foreach (Command subcommand in command.Subcommands)
        {
            Bind(subcommand);
        }
    }

    /// <summary>The numbers that were typed for an option, as far as they are some.</summary>
    public static IEnumerable<T> NumbersOf<T>(OptionResult result)
        where T : struct, INumber<T>
    {
        foreach (Token token in result.Tokens)
        {
            if (Number.TryParse(token.Value, out T value))
            {
                yield return value;
            }
        }
    }

    /// <summary>The parser of an option that takes names of files: a comma is part of one.</summary>
    public static string[] FileNames(ArgumentResult result) => [.. result.Tokens.Select(static token => token.Value)];

    private static bool BindNumber<T>(Option option)
        where T : struct, INumber<T>
    {
        switch (option)
        {
            case Option<T> one:
                one.CustomParser = result =>
                    Read<T>(option, result, [.. result.Tokens.Select(token => token.Value)]) is [T value] ? value : default;
                return true;
            case Option<T?> maybe:
                maybe.CustomParser = result =>
                    Read<T>(option, result, [.. result.Tokens.Select(token => token.Value)]) is [T value] ? value : null;
                return true;
            case Option<T[]> list:
                list.CustomParser = result => Read<T>(option, result, [.. result.Tokens.SelectMany(token => Parts(token.Value))]);
                return true;
            default:
                return false;
        }
    }

    private static bool BindText(Option option)
    {
        bool isList = false;
        if (option is Option<string[]> { CustomParser: null } list)
        {
            isList = true;
            list.CustomParser = result => [.. result.Tokens.SelectMany(token => Parts(token.Value))];
        }

        if (option.ValueType != typeof(bool) && !(option.HasDefaultValue && option.GetDefaultValue() is ""))
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.SelectMany(token => isList ? Parts(token.Value) : [token.Value])
                    .Any(value => value.Length == 0))
                {
                    result.AddError($"{option.Name} needs a value that is not empty.");
                }
            });
        }

        return true;
    }

    private static string[] Parts(string list) => list.Split(',', StringSplitOptions.TrimEntries);

    private static T[]? Read<T>(Option option, ArgumentResult result, string[] texts)
        where T : struct, INumber<T>
    {
        T[] values = new T[texts.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            if (!Number.TryParse(texts[i], out values[i]))
            {
                result.AddError($"{option.Name}: '{texts[i]}' is not {Wanted<T>()}.");
                return null;
            }
        }

        return values;
    }

    private static string Wanted<T>()
        where T : struct, INumber<T> => T.Zero switch
        {
            int => $"a whole number of at most {int.MaxValue}",
            double => "a number such as 0.25 (a point, no comma)",
            ulong => "a whole number from 0 up",
            _ => "a whole number",
        };
}
