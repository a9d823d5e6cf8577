using System.CommandLine;
using CMUNeXt.Cli.Backends;

namespace CMUNeXt.Cli.Verbs;

/// <summary><c>backend add</c>: adds a backend that does not come with the program.</summary>
internal static class BackendVerb
{
    public static Command Create()
    {
        string optional = string.Join("; ", OptionalBackend.All.Select(backend => $"{backend.Name}: {backend.Purpose}"));
        Argument<string> name = new("name") { Description = $"{optional}.", HelpName = "NAME" };
        Option<string?> source = new("--source")
        {
            Description = "A folder with this program's packages, where they are not on nuget.org.",
            HelpName = "DIR",
        };
        Command add = new("add", "Download, build and install a backend; in a checkout, build its project.") { name, source };
        add.SetAction((parsed, stop) =>
        {
            string wanted = parsed.GetValue(name)!;
            OptionalBackend backend = OptionalBackend.All.FirstOrDefault(one => one.Name == wanted)
                ?? throw new UsageException(
                    $"there is no backend '{wanted}' to add; there are {string.Join(", ", OptionalBackend.All.Select(one => one.Name))}");
            string? folder = parsed.GetValue(source);
            if (folder is not null && !Directory.Exists(folder))
            {
                throw new UsageException($"--source: there is no folder {folder}");
            }

            return BackendInstallation.Run(backend, folder, stop);
        });
        return new Command("backend", "Add backends that do not come with the program.") { add };
    }
}
