using CMUNeXt.Files;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>What the names of the files in a source tell, before any is read.</summary>
/// <param name="layout">The layout of the source.</param>
internal sealed class SourceScan(string layout)
{
    private readonly Dictionary<string, SourceFile> byName = new(CanonicalText.FileComparer);
    private readonly List<CaseSource> cases = [];

    /// <summary>The layout of the source: <c>busi</c> or <c>pairs</c>.</summary>
    public string Layout => layout;

    /// <summary>The number of image files.</summary>
    public int Images { get; private set; }

    /// <summary>The number of mask files.</summary>
    public int Masks { get; set; }

    /// <summary>The images that have masks and a name of their own.</summary>
    public IReadOnlyList<CaseSource> Cases => cases;

    /// <summary>The files that are read.</summary>
    public IEnumerable<string> Paths => cases.SelectMany(source => source.Masks.Prepend(source.Image)).Select(file => file.Path);

    /// <summary>Images that cannot become cases.</summary>
    public List<PreparationFinding> Problems { get; } = [];

    /// <summary>What is odd about the files.</summary>
    public List<PreparationFinding> Remarks { get; } = [];

    /// <summary>Takes an image with its masks.</summary>
    public void Add(SourceFile image, IReadOnlyList<SourceFile> masks)
    {
        Images++;
        string name = image.Stem;
        if (CaseName.Problem(name) is { } problem)
        {
            Problems.Add(new PreparationFinding(FindingKind.BadName, image.Display, $"{problem}; rename it"));
        }
        else if (!byName.TryAdd(name, image))
        {
            string text = $"{byName[name].Display} has the same name; rename one";
            Problems.Add(new PreparationFinding(FindingKind.AmbiguousName, image.Display, text));
        }
        else if (masks.Count == 0)
        {
            const string Text = "the image has no mask; where it shows no lesion, give it one that is all black";
            Problems.Add(new PreparationFinding(FindingKind.MissingMask, image.Display, Text));
        }
        else
        {
            cases.Add(new CaseSource(image, masks));
        }
    }

    /// <summary>Takes an image that has several masks but should have one.</summary>
    public void AddAmbiguous(SourceFile image, IReadOnlyList<SourceFile> masks)
    {
        Images++;
        string text = $"the image has several masks: {ShortList.Of([.. masks.Select(m => m.Display)])}; remove all but one";
        Problems.Add(new PreparationFinding(FindingKind.AmbiguousName, image.Display, text));
    }

    /// <summary>Notes a mask whose image is not there.</summary>
    public void AddOrphan(SourceFile mask) =>
        Remarks.Add(new PreparationFinding(FindingKind.MissingImage, mask.Display, "the mask has no image"));

    /// <summary>Notes a file that is left out.</summary>
    /// <param name="file">The file.</param>
    /// <param name="text">Why.</param>
    public void AddOther(SourceFile file, string text = "neither an image nor a mask") =>
        Remarks.Add(new PreparationFinding(FindingKind.OtherFile, file.Display, text));

    /// <summary>Notes the folders in a folder, whose files are left out.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="known">Folders that the preparation reads or writes; one that holds such a folder is not noted.</param>
    public void AddFolders(string folder, params IReadOnlyList<string> known)
    {
        foreach (SourceFile below in SourceFile.FoldersIn(folder).Where(below => !known.Any(one => RealPath.IsWithin(one, below.Path))))
        {
            AddOther(below, "a folder; its files are not looked into");
        }
    }
}
