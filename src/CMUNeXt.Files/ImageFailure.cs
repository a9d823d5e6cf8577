namespace CMUNeXt.Files;

/// <summary>Whatever one image throws is that image's line, and the others go on.</summary>
public static class ImageFailure
{
    /// <summary>What became of an image, in words.</summary>
    /// <param name="path">The image.</param>
    /// <param name="failure">What it threw.</param>
    public static BadFileException Of(string path, Exception failure) => failure switch
    {
        BadFileException bad => bad,
        FileNotFoundException { FileName: { } missing } => new BadFileException(missing, InputFile.Missing, failure),
        OutOfMemoryException => new BadFileException(path, "there is not enough memory for it; make it smaller", failure),
        NotFiniteNumberException => new BadFileException(
            path, "the network's logits are not finite numbers, so nothing can be said of it", failure),
        IOException or UnauthorizedAccessException => new BadFileException(path, failure.Message, failure),
        _ => new BadFileException(
            path, $"it cannot be worked with ({failure.GetType().Name}: {failure.Message.Split('\n')[0]})", failure),
    };
}
