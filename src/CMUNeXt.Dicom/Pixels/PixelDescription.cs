using CMUNeXt.Dicom.Format;
using CMUNeXt.Files;

namespace CMUNeXt.Dicom.Pixels;

/// <summary>What a file says of its pixels, checked.</summary>
internal sealed record PixelDescription
{
    private const int LargestSide = 65535;

    private PixelDescription()
    {
    }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int Frames { get; init; }

    /// <summary>1 or 3.</summary>
    public required int Samples { get; init; }

    public required PhotometricInterpretation Photometric { get; init; }

    /// <summary>One plane for each sample, instead of the samples of a pixel side by side.</summary>
    public required bool IsPlanar { get; init; }

    /// <summary>8 or 16.</summary>
    public required int BitsAllocated { get; init; }

    /// <summary>1 to <see cref="BitsAllocated"/>.</summary>
    public required int BitsStored { get; init; }

    /// <summary>By how many bits a sample stands too high in what is allocated for it.</summary>
    public required int Shift { get; init; }

    public required bool IsSigned { get; init; }

    public int BytesPerSample => BitsAllocated / 8;

    /// <summary>The bytes of a frame whose samples stand side by side.</summary>
    public long FrameLength => (long)Width * Height * Samples * BytesPerSample;

    /// <summary>Reads and checks what a data set says.</summary>
    /// <exception cref="InvalidDataException">
    /// It has no pixels, contradicts itself, is beyond the limits, or of a kind that is not read.
    /// </exception>
    public static PixelDescription Read(DataSet data, DicomLimits limits)
    {
        if (data.Find(DicomAttribute.PixelData) is null)
        {
            throw new InvalidDataException($"it holds no image: there is no {DicomAttribute.PixelData}");
        }

        int allocated = InRange(data, DicomAttribute.BitsAllocated, 1, 64);
        if (allocated is not (8 or 16))
        {
            throw DataSet.Bad(DicomAttribute.BitsAllocated, $"is {allocated}; 8 and 16 are read");
        }

        int stored = InRange(data, DicomAttribute.BitsStored, 1, allocated, allocated);
        PhotometricInterpretation photometric = ReadPhotometric(data);
        int samples = InRange(data, DicomAttribute.SamplesPerPixel, 1, 4, 1);
        if (samples != (photometric < PhotometricInterpretation.Rgb ? 1 : 3))
        {
            throw DataSet.Bad(DicomAttribute.SamplesPerPixel, $"is {samples}, which its photometric interpretation does not have");
        }

        PixelDescription description = new()
        {
            Width = InRange(data, DicomAttribute.Columns, 1, LargestSide),
            Height = InRange(data, DicomAttribute.Rows, 1, LargestSide),

            // There are pixels, so 0 is one as well.
            Frames = Math.Max(1, InRange(data, DicomAttribute.NumberOfFrames, 0, limits.Frames, 1)),
            Samples = samples,
            Photometric = photometric,
            IsPlanar = samples > 1 && InRange(data, DicomAttribute.PlanarConfiguration, 0, 1, 0) == 1,
            BitsAllocated = allocated,
            BitsStored = stored,
            Shift = InRange(data, DicomAttribute.HighBit, stored - 1, allocated - 1, stored - 1) + 1 - stored,
            IsSigned = InRange(data, DicomAttribute.PixelRepresentation, 0, 1, 0) == 1,
        };
        if ((long)description.Width * description.Height > limits.Pixels || description.FrameLength > Array.MaxLength / 2)
        {
            throw new InvalidDataException(
                $"{description.Width} x {description.Height} pixels, more than the {limits.Pixels / 1e6:0.##} megapixels allowed");
        }

        description.CheckColors();
        return description;
    }

    private void CheckColors()
    {
        bool isYbr = Photometric is PhotometricInterpretation.YbrFull or PhotometricInterpretation.YbrFull422;
        if (isYbr && (BitsStored != 8 || BitsAllocated != 8))
        {
            throw DataSet.Bad(
                DicomAttribute.BitsStored, $"is {BitsStored} of {BitsAllocated}; of luminance and differences of color 8 of 8 are read");
        }

        if (IsSigned && Photometric > PhotometricInterpretation.Monochrome2)
        {
            throw DataSet.Bad(DicomAttribute.PixelRepresentation, "says that colors have a sign, which is not read");
        }
    }

    private static PhotometricInterpretation ReadPhotometric(DataSet data) =>
        data.FirstText(DicomAttribute.PhotometricInterpretation) switch
        {
            "MONOCHROME1" => PhotometricInterpretation.Monochrome1,
            "MONOCHROME2" => PhotometricInterpretation.Monochrome2,
            "PALETTE COLOR" => PhotometricInterpretation.PaletteColor,
            "RGB" => PhotometricInterpretation.Rgb,
            "YBR_FULL" => PhotometricInterpretation.YbrFull,
            "YBR_FULL_422" => PhotometricInterpretation.YbrFull422,
            string other => throw DataSet.Bad(
                DicomAttribute.PhotometricInterpretation,
                $"\"{PrintableName.Of(other)}\" is not read; MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB, YBR_FULL and YBR_FULL_422 are"),
            null => throw DataSet.Bad(DicomAttribute.PhotometricInterpretation, "is missing"),
        };

    private static int InRange(DataSet data, DicomAttribute attribute, int least, int most, int? otherwise = null)
    {
        long value = data.Integer(attribute) ?? otherwise ?? throw DataSet.Bad(attribute, "is missing");
        return value >= least && value <= most ? (int)value : throw DataSet.Bad(attribute, $"is {value}, not from {least} to {most}");
    }
}
