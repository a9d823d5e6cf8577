using System.Globalization;

namespace CMUNeXt.Training.Preparation;

/// <summary>A class of a label map or of colored masks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">Its gray values, from 1 to 255, or its colors, 0xRRGGBB; at least one. All of them are this class.</param>
public sealed record MaskClass(string Name, IReadOnlyList<int> Values)
{
    /// <summary>What a value is called that shall be taken as background without a remark.</summary>
    public const string Background = "background";

    /// <summary>What a value is called whose pixels count neither in training nor in metrics.</summary>
    public const string Ignore = "ignore";

    /// <summary>
    /// Reads gray values with their classes: <c>1,2</c>, <c>1=benign,2=malignant</c>, or <c>1+2=lesion</c> for two values of one class.
    /// Where names are equal the values are one class; without a name the value is the name.
    /// </summary>
    /// <param name="text">The list.</param>
    /// <returns>The classes in the order in which they are first named.</returns>
    /// <exception cref="FormatException">It is no such list, or a value stands twice.</exception>
    public static IReadOnlyList<MaskClass> ParseLabels(string text) => Parse(
        text,
        "gray values from 1 to 255, such as 1,2 or 1=benign,2=malignant or 1+2=lesion",
        part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value is >= 1 and <= 255
            ? value
            : null);

    /// <summary>Reads colors with their classes, as <see cref="ParseLabels"/> does: <c>00FF00=benign,FF0000=malignant</c>.</summary>
    /// <inheritdoc cref="ParseLabels"/>
    public static IReadOnlyList<MaskClass> ParseColors(string text) => Parse(
        text,
        "colors as RRGGBB other than 000000, such as 00FF00=benign,FF0000=malignant",
        part => part.Length == 6 && int.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            && value > 0 ? value : null);

    private static List<MaskClass> Parse(string text, string expected, Func<string, int?> read)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<MaskClass> classes = [];
        foreach (string item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] sides = item.Split('=', 2, StringSplitOptions.TrimEntries);
            int[] values =
            [
                .. sides[0].Split('+', StringSplitOptions.TrimEntries).Select(part => read(part) ?? throw Problem($"'{part}' is none")),
            ];
            string name = sides.Length == 2 ? sides[1] : sides[0];
            if (name.Length is 0 or > 200 || name.Any(char.IsControl))
            {
                throw Problem("a class name has 1 to 200 printable characters");
            }

            int known = classes.FindIndex(c => c.Name == name);
            if (known >= 0)
            {
                classes[known] = new MaskClass(name, [.. classes[known].Values, .. values]);
            }
            else
            {
                classes.Add(new MaskClass(name, values));
            }
        }

        return MaskRules.Problem(classes) is { } problem ? throw Problem(problem) : classes;

        FormatException Problem(string what) => new($"the list holds {expected}: {what}");
    }
}
