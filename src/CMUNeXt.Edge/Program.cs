using CMUNeXt;
using CMUNeXt.Edge;
using CMUNeXt.Files;

try
{
    Options options = Options.Parse(args);
    if (options.HelpWanted)
    {
        Console.WriteLine(Options.Help);
        return 0;
    }

    return ImageSegmentation.Run(options);
}
catch (UsageException e)
{
    Console.Error.WriteLine($"cmunext-edge: {e.Message}");
    Console.Error.WriteLine("See \"cmunext-edge --help\".");
    return 2;
}
catch (Exception e) when (e is BadFileException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"cmunext-edge: {e.Message}");
    return 1;
}
