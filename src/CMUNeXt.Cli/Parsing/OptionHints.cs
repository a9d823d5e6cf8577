using System.CommandLine;
using System.CommandLine.Parsing;

namespace CMUNeXt.Cli.Parsing;

/// <summary>What somebody who typed an option that a verb does not have may have meant.</summary>
internal static class OptionHints
{
    // As other programs of the field call them.
    private static readonly Dictionary<string, string[]> OtherNames = new()
    {
        ["--lr"] = ["--learning-rate"],
        ["--batch-size"] = ["--batch"],
        ["--bs"] = ["--batch"],
        ["--wd"] = ["--weight-decay"],
        ["--img-size"] = ["--size"],
        ["--image-size"] = ["--size"],
        ["--input"] = ["--source", "--images"],
        ["--out"] = ["--output"],
        ["--save-dir"] = ["--output"],
        ["--checkpoint"] = ["--weights"],
        ["--ckpt"] = ["--weights"],
        ["--gpu"] = ["--device"],
        ["--workers"] = ["--threads"],
        ["--num-workers"] = ["--threads"],
        ["--valid"] = ["--val"],
        ["--validation"] = ["--val"],
        ["--force"] = ["--overwrite"],
        ["--continue"] = ["--resume"],
        ["--ema"] = ["--average-decay"],
    };

    /// <summary>
    /// What begins as an option, is none of the command's, and was taken for one of its files. What stands behind <c>--</c>, or is there,
    /// is a file.
    /// </summary>
    public static IReadOnlyList<string> TakenForFiles(ParseResult parsed)
    {
        string[] before = [.. parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Select(token => token.Value)];
        return
        [
            .. parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value)
                .Where(value => value is ['-', _, ..] && before.Contains(value) && !Path.Exists(value)),
        ];
    }

    /// <summary>What is said of a first word that is no verb; null where there is none.</summary>
    public static string? UnknownVerb(ParseResult parsed)
    {
        string[] verbs = [.. parsed.CommandResult.Command.Subcommands.Where(static verb => !verb.Hidden).Select(static verb => verb.Name)];
        if (verbs.Length == 0 || parsed.UnmatchedTokens is not [var typed, ..] || typed.StartsWith('-'))
        {
            return null;
        }

        string meant = verbs.MinBy(verb => Distance(typed, verb))!;
        return Distance(typed, meant) <= Math.Max(1, meant.Length / 3)
            ? $"There is no verb {typed}. Did you mean {meant}?"
            : $"There is no verb {typed}. There are {string.Join(", ", verbs)}.";
    }

    /// <summary>One sentence for each option that the command does not have and that resembles one it has.</summary>
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        string[] known = [.. parsed.CommandResult.Command.Options.Select(option => option.Name)];
        IEnumerable<string> unknown = parsed.UnmatchedTokens.Concat(TakenForFiles(parsed));
        foreach (string token in unknown.Where(token => token.StartsWith("--", StringComparison.Ordinal)))
        {
            string typed = token.Split('=')[0];
            string? meant = OtherNames.GetValueOrDefault(typed.ToLowerInvariant().Replace('_', '-'))?.FirstOrDefault(known.Contains)
                ?? known.Where(name => Distance(typed, name) <= Math.Max(1, name.Length / 4)).MinBy(name => Distance(typed, name));
            if (meant is not null)
            {
                yield return $"Did you mean {meant}?";
            }
        }
    }

    /// <summary>The number of letters to insert, remove or change to make one word of the other (Levenshtein, 1966).</summary>
    internal static int Distance(string first, string second)
    {
        int[] row = [.. Enumerable.Range(0, second.Length + 1)];
        for (int i = 1; i <= first.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= second.Length; j++)
            {
                int changed = diagonal + (first[i - 1] == second[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, 1 + Math.Min(row[j], row[j - 1]));
            }
        }

        return row[^1];
    }
}
