using System.Security.Cryptography;
using CMUNeXt.Files;
using CMUNeXt.Imaging;
using CMUNeXt.Masks;
using CMUNeXt.Pictures;
using CMUNeXt.Training.Data;

namespace CMUNeXt.Training.Preparation;

/// <summary>Reads, judges, merges and writes one case at a time.</summary>
/// <param name="output">Where to write.</param>
/// <param name="rules">How masks are to be understood.</param>
internal sealed class CasePreparer(PreparedFolder output, MaskRules rules)
{
    /// <summary>Prepares one case. It is written only if nothing is wrong with it, but everything that is wrong is found.</summary>
    public CaseOutcome Prepare(CaseSource source)
    {
        CaseOutcome outcome = new();
        if (ReadPicture(source.Picture, outcome) is not { } picture)
        {
            // Without the picture the masks can still be counted and judged by themselves.
            foreach (SourceFile file in source.Masks)
            {
                ReadMask(file, outcome);
            }

            return outcome;
        }

        // For each class 0 or 1.
        byte[][] masks = [.. Enumerable.Range(0, rules.Classes).Select(_ => new byte[picture.Decoded.Width * picture.Decoded.Height])];
        foreach (SourceFile file in source.Masks)
        {
            if (ReadMask(file, outcome) is { } mask && FitSize(mask, picture.Decoded, file, outcome) is { } fitted)
            {
                Merge(fitted.Pixels, masks, file, outcome);
            }
        }

        if (outcome.Problems.Count > 0)
        {
            return outcome;
        }

        if (!masks.Any(mask => mask.AsSpan().Contains((byte)1)))
        {
            outcome.AddRemark(FindingKind.EmptyMask, source.Masks[0], "no pixel is foreground");
        }

        Write(source.Name, picture, masks);
        return outcome;
    }

    private static SourcePicture? ReadPicture(SourceFile file, CaseOutcome outcome)
    {
        try
        {
            byte[] encoded = file.ReadBytes();
            PictureInfo info = PictureFile.Identify(encoded, file.Display);
            outcome.PictureType = PictureType.Describe(info);
            Picture decoded = PictureFile.Decode(encoded, file.Display);
            outcome.FileHash = Convert.ToHexString(SHA256.HashData(encoded));
            outcome.Fingerprint = PictureFingerprint.Of(decoded);
            if (PictureType.Loss(info) is { } loss)
            {
                outcome.AddRemark(FindingKind.PictureType, file, $"the picture is {outcome.PictureType}; {loss}");
            }

            return new SourcePicture(encoded, info, decoded);
        }
        catch (BadFileException e)
        {
            outcome.AddUnreadable(file, e);
            return null;
        }
    }

    private static Picture? ReadMask(SourceFile file, CaseOutcome outcome)
    {
        try
        {
            byte[] encoded = file.ReadBytes();
            PictureInfo info = PictureFile.Identify(encoded, file.Display);
            string type = PictureType.Describe(info);
            outcome.MaskTypes.Add(type);
            Picture decoded = PictureFile.Decode(encoded, file.Display);
            if (!PictureType.IsUsualMask(info))
            {
                outcome.AddRemark(FindingKind.MaskType, file, $"the mask is {type}, not grey of 1 to 8 bits");
            }

            Picture? grey = decoded.Channels == 1 ? decoded : EqualChannels.ToGrey(decoded);
            if (grey is null)
            {
                outcome.AddProblem(FindingKind.ColouredMask, file, "the mask is coloured; save it as a grey picture");
            }

            return grey;
        }
        catch (BadFileException e)
        {
            outcome.AddUnreadable(file, e);
            return null;
        }
    }

    private Picture? FitSize(Picture mask, Picture picture, SourceFile file, CaseOutcome outcome)
    {
        if (mask.Width == picture.Width && mask.Height == picture.Height)
        {
            return mask;
        }

        string sizes = $"the mask is {mask.Width} x {mask.Height}, its picture {picture.Width} x {picture.Height}";
        if (!rules.Resize)
        {
            outcome.AddProblem(FindingKind.SizeDiffers, file, sizes);
            return null;
        }

        outcome.AddRemark(FindingKind.MaskResized, file, $"{sizes}; it was scaled");
        return new Picture(picture.Width, picture.Height, 1, Resize.Nearest(new Mask(mask.Width, mask.Height, mask.Pixels), picture.Width, picture.Height).Pixels);
    }

    private void Merge(byte[] grey, byte[][] masks, SourceFile file, CaseOutcome outcome)
    {
        MaskValuesTable? meaning = MaskValuesTable.Of(grey, rules, out string? note);
        if (meaning is null)
        {
            outcome.AddProblem(FindingKind.MaskValues, file, note!);
            return;
        }

        if (note is not null)
        {
            outcome.AddRemark(FindingKind.MaskValues, file, note);
        }

        for (int i = 0; i < grey.Length; i++)
        {
            int label = meaning.Classes[grey[i]];
            if (label > 0)
            {
                masks[label - 1][i] = 1;
            }
        }
    }

    // Plain writes: the whole folder is moved into place at the end, and a torn PNG is never believed, since it has checksums.
    private void Write(string name, SourcePicture picture, byte[][] masks)
    {
        string path = output.ImagePath(name);
        if (PictureType.IsPrepared(picture.Info))
        {
            File.WriteAllBytes(path, picture.Encoded);
        }
        else
        {
            File.WriteAllBytes(path, PictureFile.EncodePng(picture.Decoded));
        }

        for (int c = 0; c < masks.Length; c++)
        {
            Mask mask = new(picture.Decoded.Width, picture.Decoded.Height, masks[c]);
            File.WriteAllBytes(output.MaskPath(c, name), PictureFile.EncodePng(mask, MaskValues.ZeroOr255));
        }
    }

    private sealed record SourcePicture(byte[] Encoded, PictureInfo Info, Picture Decoded);
}
