using CMUNeXt.Backends;
using CMUNeXt.Drawing.Overlays;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Runs;

/// <summary>What the network finds in the first cases of a validation, to be looked at.</summary>
/// <param name="outputs">Planes of logits.</param>
internal sealed class EpochImages(int outputs)
{
    private const int Most = 4;

    private readonly List<(Case Source, Batch Single, float[] Logits)> cases = [];

    /// <summary>Adds a case; those after the first four are left out.</summary>
    public void Add(Case source, Batch single, float[] logits)
    {
        if (cases.Count < Most)
        {
            cases.Add((source, single, logits));
        }
    }

    /// <summary>Draws reference and prediction into each image, at the network's size.</summary>
    /// <param name="load">Gives an image of that size.</param>
    public IReadOnlyList<(string Name, Image Image)> Draw(Func<Case, Image> load) =>
    [
        .. cases.Select(one => (one.Source.Name, Overlay.Draw(
            load(one.Source),
            new Mask(one.Single.Width, one.Single.Height, one.Single.Target),
            new Mask(one.Single.Width, one.Single.Height, MaskCounter.Decide(one.Logits, one.Single.Width * one.Single.Height, outputs)),
            new OverlayOptions { Classes = Math.Max(outputs - 1, 1) }))),
    ];
}
