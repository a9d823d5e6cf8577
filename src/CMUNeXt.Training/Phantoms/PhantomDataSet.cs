using System.Globalization;

using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Phantoms;

/// <summary>Writes phantoms as a prepared data set: images, masks, and lists of a split.</summary>
public static class PhantomDataSet
{
    /// <summary>
    /// Writes <c>images/phantom_0001.png</c>, <c>masks/0/phantom_0001.png</c> (0 and 255) and so on, and then <c>all.txt</c> (all cases),
    /// <c>train.txt</c> (70 % of them, drawn with the seed) and <c>val.txt</c> (the rest). What an earlier call wrote is replaced.
    /// </summary>
    /// <param name="output">The folder, made if it is not there.</param>
    /// <param name="count">The number of cases, at least 1.</param>
    /// <param name="seed">The data set: the same seed gives the same files; a larger count goes on with further cases.</param>
    /// <param name="progress">Told the number of cases written so far.</param>
    /// <param name="cancellationToken">Stops between two cases; the lists are then not written.</param>
    /// <exception cref="BadFileException">
    /// A file of one of the names is not one that an earlier call wrote, or the folder holds a data set of other images.
    /// </exception>
    /// <exception cref="IOException">A file could not be written.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static void Write(
        string output, int count, ulong seed, IProgress<int>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        string images = Path.Combine(output, "images");
        string masks = Path.Combine(output, "masks", "0");
        string[] files =
            [.. Lists, .. Enumerable.Range(0, count).SelectMany(i => (string[])[$"images/{Name(i)}.png", $"masks/0/{Name(i)}.png"])];
        if (Others(output).FirstOrDefault() is { } other)
        {
            throw new BadFileException(output, $"it holds another data set ({other} is no phantom); choose another folder");
        }

        OwnFiles own = OwnFiles.In(output);
        own.Claim(files);

        // Wherever this one ends, no phantom of an earlier call stands among its own.
        own.Remove([.. Lists, .. own.Names.Where(IsOfPhantom)]);
        own.Claim(files);
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(masks);
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (Image image, Mask mask) = PhantomGenerator.Create(seed, i);
            ImageFile.SavePng(Path.Combine(images, Name(i) + ".png"), image);
            ImageFile.SaveMask(Path.Combine(masks, Name(i) + ".png"), mask, MaskValues.ZeroOr255);
            progress?.Report(i + 1);
        }

        (int[] training, int[] validation) = Split(count, seed);
        WriteList(Path.Combine(output, "all.txt"), Enumerable.Range(0, count));
        WriteList(Path.Combine(output, "train.txt"), training);
        WriteList(Path.Combine(output, "val.txt"), validation);
    }

    private static readonly string[] Lists = ["all.txt", "train.txt", "val.txt"];

    // What would be a case, a mask or a class beside the phantoms.
    private static IEnumerable<string> Others(string output) =>
        from part in (string[])["images", "masks"]
        from file in new FolderWalk(Path.Combine(output, part)).Files()
        let name = $"{part}/{file.Replace(Path.DirectorySeparatorChar, '/')}"
        where ImageFile.HasImageEnding(file) && !IsOfPhantom(name)
        select name;

    private static bool IsOfPhantom(string file) =>
        file.StartsWith("images/phantom_", StringComparison.Ordinal) || file.StartsWith("masks/0/phantom_", StringComparison.Ordinal);

    /// <summary>The name of a case by its index from 0: <c>phantom_0001</c> for the first.</summary>
    internal static string Name(int index) => "phantom_" + (index + 1).ToString("D4", CultureInfo.InvariantCulture);

    /// <summary>Draws 70 % of the cases for training; each part in ascending order.</summary>
    internal static (int[] Training, int[] Validation) Split(int count, ulong seed)
    {
        // A stream that no case has: those are numbered from 0.
        PhantomRandom random = new(seed, -1);
        int[] order = [.. Enumerable.Range(0, count)];
        for (int i = count - 1; i > 0; i--)
        {
            int other = random.Between(0, i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        int training = (int)Math.Round(0.7 * count, MidpointRounding.AwayFromZero);
        return ([.. order[..training].Order()], [.. order[training..].Order()]);
    }

    private static void WriteList(string path, IEnumerable<int> cases) => CaseList.Write(path, cases.Select(Name));
}
