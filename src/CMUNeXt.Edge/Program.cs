using CMUNeXt.Edge;
using CMUNeXt.Files;

Console.SetOut(new PrintableWriter(Console.Out));
Console.SetError(new PrintableWriter(new TolerantWriter(Console.Error)));
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
    Console.Error.WriteLine($"cmunext-edge: {PrintableText.Of(e.Message)}; see \"cmunext-edge --help\"");
    return 2;
}
catch (Exception e) when (e is BadFileException or IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"cmunext-edge: {PrintableText.Of(e.Message)}");
    return 1;
}
