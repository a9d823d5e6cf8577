using System.Buffers.Binary;
using CMUNeXt.Masks;

namespace CMUNeXt.Imaging.Formats;

/// <summary>The size of a pixel in a PNG's pHYs chunk (PNG, third edition, 11.3.4.3).</summary>
internal static class PhysicalSize
{
    private const byte Meters = 1;
    private const double MillimetersPerInch = 25.4;

    // Dots an inch that programs write of their own accord: for printers and figures, in tens as people choose them, and for screens,
    // whose 96 are scaled in steps of an eighth.
    private static readonly int[] Devices =
    [
        75, 2400, .. Enumerable.Range(5, 116).Select(static n => 10 * n), .. Enumerable.Range(6, 45).Select(static n => 12 * n),
    ];

    /// <summary>Reads a chunk.</summary>
    /// <param name="chunk">Pixels for a unit to the right and down, and the unit.</param>
    /// <returns>The size; null where the unit is unknown, or the size is no pixel's, or one of a screen, printer or figure.</returns>
    public static PixelSize? Of(ReadOnlySpan<byte> chunk)
    {
        if (chunk.Length != 9 || chunk[8] != Meters)
        {
            return null;
        }

        uint across = BinaryPrimitives.ReadUInt32BigEndian(chunk);
        uint down = BinaryPrimitives.ReadUInt32BigEndian(chunk[4..]);
        PixelSize size = new(1000.0 / across, 1000.0 / down);
        return size.IsMeasurable() && !(IsDevice(across) && IsDevice(down)) ? size : null;
    }

    private static bool IsDevice(uint pixelsPerMeter) =>
        Devices.Any(dots => Math.Abs(pixelsPerMeter - (dots * 1000 / MillimetersPerInch)) < 1);
}
