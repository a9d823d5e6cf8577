using System.Text.Json.Serialization;

namespace CMUNeXt.Masks;

/// <summary>The place of a pixel. In JSON it is [x, y].</summary>
/// <param name="X">The column, from the left.</param>
/// <param name="Y">The row, from the top.</param>
[JsonConverter(typeof(PixelPositionConverter))]
public readonly record struct PixelPosition(int X, int Y);
