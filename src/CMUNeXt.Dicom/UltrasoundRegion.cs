using CMUNeXt.Dicom.Format;
using CMUNeXt.Masks;

namespace CMUNeXt.Dicom;

/// <summary>
/// A part of an ultrasound image that shows tissue in two dimensions, and the size of a pixel in it (PS3.3, C.8.5.5). Spectra, curves and
/// color bars are no such regions.
/// </summary>
/// <param name="Box">Its pixels.</param>
/// <param name="PixelSize">The size of a pixel.</param>
public sealed record UltrasoundRegion(BoundingBox Box, PixelSize PixelSize)
{
    private const int TwoDimensional = 1;
    private const int Tissue = 1;
    private const int Centimeters = 3;
    private const double MillimetersInCentimeter = 10;

    /// <summary>
    /// Reads the regions of tissue whose pixels have a size. One that goes beyond the image is of the image before it was resized or cut:
    /// then none of them is of these pixels.
    /// </summary>
    /// <param name="data">The file.</param>
    /// <param name="width">The image's width in pixels.</param>
    /// <param name="height">Its height.</param>
    internal static IReadOnlyList<UltrasoundRegion> ReadAll(DataSet data, int width, int height)
    {
        UltrasoundRegion[] regions =
            [.. data.Items(DicomAttribute.SequenceOfUltrasoundRegions).Select(ReadIfSound).OfType<UltrasoundRegion>()];

        // Some devices state the first pixel beyond a region, not its last.
        return Array.TrueForAll(regions, one => one.Box.X + one.Box.Width <= width + 1 && one.Box.Y + one.Box.Height <= height + 1)
            ? regions
            : [];
    }

    /// <summary>Whether a box lies in the region.</summary>
    internal bool Contains(BoundingBox box) =>
        box.X >= Box.X && box.Y >= Box.Y && box.X + box.Width <= Box.X + Box.Width && box.Y + box.Height <= Box.Y + Box.Height;

    // No pixel depends on it: one that cannot be read is one that the file does not say.
    private static UltrasoundRegion? ReadIfSound(DataSet item)
    {
        try
        {
            return Read(item);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static UltrasoundRegion? Read(DataSet item)
    {
        if (item.Integer(DicomAttribute.RegionSpatialFormat) != TwoDimensional
            || item.Integer(DicomAttribute.RegionDataType) != Tissue
            || item.Integer(DicomAttribute.PhysicalUnitsXDirection) != Centimeters
            || item.Integer(DicomAttribute.PhysicalUnitsYDirection) != Centimeters)
        {
            return null;
        }

        double width = Math.Abs(item.Number(DicomAttribute.PhysicalDeltaX) ?? 0) * MillimetersInCentimeter;
        double height = Math.Abs(item.Number(DicomAttribute.PhysicalDeltaY) ?? 0) * MillimetersInCentimeter;
        PixelSize size = new(width, height);
        return size.IsMeasurable() && ReadBox(item) is { } box ? new UltrasoundRegion(box, size) : null;
    }

    private static BoundingBox? ReadBox(DataSet item)
    {
        long left = item.Integer(DicomAttribute.RegionLocationMinX0) ?? -1;
        long top = item.Integer(DicomAttribute.RegionLocationMinY0) ?? -1;
        long right = item.Integer(DicomAttribute.RegionLocationMaxX1) ?? -1;
        long bottom = item.Integer(DicomAttribute.RegionLocationMaxY1) ?? -1;
        bool isBox = left >= 0 && top >= 0 && right >= left && bottom >= top && right <= ushort.MaxValue && bottom <= ushort.MaxValue;
        return isBox ? new BoundingBox((int)left, (int)top, (int)(right - left + 1), (int)(bottom - top + 1)) : null;
    }
}
