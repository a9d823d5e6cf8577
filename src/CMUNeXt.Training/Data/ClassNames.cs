using CMUNeXt.Files;

namespace CMUNeXt.Training.Data;

/// <summary>Reads the names of the classes from the report that a preparation left in the folder.</summary>
internal static class ClassNames
{
    /// <summary>The names in the order of the folders of masks; null where there are none.</summary>
    /// <param name="folder">The data set's folder.</param>
    /// <param name="classes">The number of classes.</param>
    /// <exception cref="BadFileException">The report is damaged, or names another number of classes.</exception>
    public static IReadOnlyList<string>? Read(string folder, int classes) => KeptReport.Read(folder, "class_names", names =>
    {
        string[] read = [.. names.EnumerateArray().Select(name => name.GetString() ?? "")];
        return read.Length == classes && read.All(name => name.Length is > 0 and <= 200 && !name.Any(char.IsControl))
            ? read
            : throw new BadFileException(
                KeptReport.PathIn(folder),
                $"class_names are {classes} names of 1 to 200 printable characters, as many as there are folders of masks");
    });
}
