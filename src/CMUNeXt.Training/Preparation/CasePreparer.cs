using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>Reads, judges, merges and writes one case at a time.</summary>
/// <param name="output">Where to write.</param>
/// <param name="rules">How masks are to be understood.</param>
internal sealed class CasePreparer(PreparedFolder output, MaskRules rules)
{
    private readonly MaskReading reading = new(rules);

    /// <summary>Prepares one case. It is written only if nothing is wrong with it, but everything that is wrong is found.</summary>
    public CaseOutcome Prepare(CaseSource source)
    {
        CaseOutcome outcome = new();
        if (ReadImage(source.Image, outcome) is not { } image)
        {
            // Without the image the masks can still be counted and judged by themselves.
            foreach (SourceFile file in source.Masks)
            {
                ReadMask(file, outcome);
            }

            return outcome;
        }

        // For each class 0 or 1, and the last for what is ignored.
        byte[][] masks = [.. Enumerable.Range(0, rules.Count + 1).Select(_ => new byte[image.Decoded.Width * image.Decoded.Height])];
        foreach (SourceFile file in source.Masks)
        {
            if (ReadMask(file, outcome) is { } mask && HasSize(mask, image, file, outcome))
            {
                Merge(mask.Decoded, masks, image.Decoded, file, outcome);
            }
        }

        if (outcome.Problems.Count > 0)
        {
            return outcome;
        }

        outcome.Classes = [.. masks[..^1].Select(static mask => mask.AsSpan().Contains((byte)1))];

        // One of which nothing but ignored pixels might be a lesion is not known to be healthy.
        if (!masks.Any(static mask => mask.AsSpan().Contains((byte)1)))
        {
            outcome.AddRemark(FindingKind.EmptyMask, source.Masks[0], "no pixel is foreground");
        }

        Write(source.Name, image, masks);
        return outcome;
    }

    private static SourceImage? ReadImage(SourceFile file, CaseOutcome outcome)
    {
        try
        {
            byte[] encoded = file.ReadBytes();
            Image decoded = ImageFile.Decode(encoded, file.Display, out ImageInfo info);
            outcome.ImageType = ImageType.Describe(info);
            outcome.FileHash = Sha256.Of(encoded);
            outcome.Fingerprint = ImageFingerprint.Of(decoded);
            if (ImageType.Loss(info) is { } loss)
            {
                outcome.AddRemark(FindingKind.ImageType, file, $"the image is {outcome.ImageType}; {loss}");
            }

            return new SourceImage(encoded, info, decoded);
        }
        catch (BadFileException e)
        {
            outcome.AddUnreadable(file, e);
            return null;
        }
    }

    private SourceImage? ReadMask(SourceFile file, CaseOutcome outcome)
    {
        try
        {
            byte[] encoded = file.ReadBytes();
            Image decoded = ImageFile.Decode(encoded, file.Display, out ImageInfo info);
            string type = ImageType.Describe(info);
            outcome.MaskTypes.Add(type);
            if (!ImageType.IsUsualMask(info, rules.Colored))
            {
                string usual = rules.Colored ? "gray, RGB or a palette" : "gray";
                outcome.AddRemark(FindingKind.MaskType, file, $"the mask is {type}, not {usual} of 1 to 8 bits");
            }

            Image? values = rules.Colored ? decoded : GrayMask.OneChannel(decoded, info, labels: rules.Classes is not null);
            if (values is null)
            {
                outcome.AddProblem(
                    FindingKind.ColoredMask, file, "the mask is colored; save it as gray, or say which color is which class (--colors)");
                return null;
            }

            if (GrayMask.TypeProblem(values, info) is { } problem)
            {
                outcome.AddProblem(FindingKind.MaskValues, file, problem);
                return null;
            }

            return new SourceImage(encoded, info, values);
        }
        catch (BadFileException e)
        {
            outcome.AddUnreadable(file, e);
            return null;
        }
    }

    private bool HasSize(SourceImage mask, SourceImage image, SourceFile file, CaseOutcome outcome)
    {
        (int width, int height) = (image.Decoded.Width, image.Decoded.Height);
        bool turned = image.Info.Orientation != 1 && mask.Info.Orientation == 1;
        if (mask.Decoded.Width == width && mask.Decoded.Height == height)
        {
            if (turned)
            {
                outcome.AddRemark(
                    FindingKind.Orientation,
                    file,
                    $"the image is turned by the orientation in its file ({image.Info.Orientation}), the mask has none; "
                        + "was it drawn on the image as shown?");
            }

            return true;
        }

        string sizes = $"the mask is {mask.Decoded.Width} x {mask.Decoded.Height}, its image {width} x {height}";
        if (turned && mask.Decoded.Width == height && mask.Decoded.Height == width)
        {
            outcome.AddProblem(
                FindingKind.Orientation, file, $"{sizes} as shown; the mask seems to be drawn before the image was turned: turn it too");
            return false;
        }

        if (!rules.Resize)
        {
            outcome.AddProblem(FindingKind.SizeDiffers, file, sizes);
            return false;
        }

        outcome.AddRemark(FindingKind.MaskResized, file, $"{sizes}; it was scaled");
        return true;
    }

    private void Merge(Image mask, byte[][] masks, Image image, SourceFile file, CaseOutcome outcome)
    {
        Image? classes = reading.Classes(mask, out string? note);
        if (classes is null)
        {
            outcome.AddProblem(FindingKind.MaskValues, file, note!);
            return;
        }

        if (note is not null)
        {
            outcome.AddRemark(FindingKind.MaskValues, file, note);
        }

        if (InvertedMask.Seems(new Image(classes.Width, classes.Height, 1, IgnoredPixels.Split(classes.Pixels).Classes)))
        {
            outcome.AddRemark(
                FindingKind.InvertedMask, file, "most pixels are foreground, nearly all of the border among them; is it inverted?");
        }

        byte[] fitted = new Mask(classes.Width, classes.Height, classes.Pixels).Resize(image.Width, image.Height).Pixels;
        for (int i = 0; i < fitted.Length; i++)
        {
            if (fitted[i] > 0)
            {
                masks[fitted[i] == IgnoredPixels.Label ? rules.Count : fitted[i] - 1][i] = 1;
            }
        }
    }

    // Plain writes: the whole folder is moved into place at the end, and a torn PNG is never believed, since it has checksums.
    private void Write(string name, SourceImage image, byte[][] masks)
    {
        string path = output.ImagePath(name);
        if (ImageType.IsPrepared(image.Info))
        {
            File.WriteAllBytes(path, image.Encoded);
        }
        else
        {
            File.WriteAllBytes(path, ImageFile.EncodePng(image.Decoded));
        }

        for (int c = 0; c < rules.Count; c++)
        {
            WriteMask(output.MaskPath(c, name), masks[c]);
        }

        if (masks[^1].AsSpan().Contains((byte)1))
        {
            WriteMask(output.IgnorePath(name), masks[^1]);
        }

        void WriteMask(string path, byte[] pixels) => File.WriteAllBytes(
            path, ImageFile.EncodePng(new Mask(image.Decoded.Width, image.Decoded.Height, pixels), MaskValues.ZeroOr255));
    }

    private sealed record SourceImage(byte[] Encoded, ImageInfo Info, Image Decoded);
}
