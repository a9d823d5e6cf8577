using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>What the names of the files in a source tell, before any is read.</summary>
/// <param name="layout">The layout of the source.</param>
internal sealed class SourceScan(string layout)
{
    private readonly Dictionary<string, SourceFile> byName = new(StringComparer.Ordinal);
    private readonly List<CaseSource> cases = [];

    /// <summary>The layout of the source: <c>busi</c> or <c>pairs</c>.</summary>
    public string Layout => layout;

    /// <summary>The number of picture files.</summary>
    public int Pictures { get; private set; }

    /// <summary>The number of mask files.</summary>
    public int Masks { get; set; }

    /// <summary>The pictures that have masks and a name of their own.</summary>
    public IReadOnlyList<CaseSource> Cases => cases;

    /// <summary>Pictures that cannot become cases.</summary>
    public List<PreparationFinding> Problems { get; } = [];

    /// <summary>What is odd about the files.</summary>
    public List<PreparationFinding> Remarks { get; } = [];

    /// <summary>Takes a picture with its masks.</summary>
    public void Add(SourceFile picture, IReadOnlyList<SourceFile> masks)
    {
        Pictures++;
        string name = picture.Stem;
        if (CaseName.Problem(name) is { } problem)
        {
            Problems.Add(new PreparationFinding(FindingKind.BadName, picture.Display, $"{problem}; rename it"));
        }
        else if (!byName.TryAdd(name, picture))
        {
            string text = $"{byName[name].Display} has the same name; rename one";
            Problems.Add(new PreparationFinding(FindingKind.AmbiguousName, picture.Display, text));
        }
        else if (masks.Count == 0)
        {
            Problems.Add(new PreparationFinding(FindingKind.MissingMask, picture.Display, "the picture has no mask"));
        }
        else
        {
            cases.Add(new CaseSource(picture, masks));
        }
    }

    /// <summary>Takes a picture that has several masks but should have one.</summary>
    public void AddAmbiguous(SourceFile picture, IReadOnlyList<SourceFile> masks)
    {
        Pictures++;
        string text = $"the picture has several masks: {ShortList.Of([.. masks.Select(m => m.Display)])}; remove all but one";
        Problems.Add(new PreparationFinding(FindingKind.AmbiguousName, picture.Display, text));
    }

    /// <summary>Notes a mask whose picture is not there.</summary>
    public void AddOrphan(SourceFile mask) =>
        Remarks.Add(new PreparationFinding(FindingKind.MissingPicture, mask.Display, "the mask has no picture"));

    /// <summary>Notes a file that is neither picture nor mask.</summary>
    public void AddOther(SourceFile file) =>
        Remarks.Add(new PreparationFinding(FindingKind.OtherFile, file.Display, "neither a picture nor a mask"));
}
