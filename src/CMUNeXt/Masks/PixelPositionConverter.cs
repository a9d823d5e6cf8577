using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CMUNeXt.Masks;

/// <summary>Writes a pixel's place as [x, y].</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class PixelPositionConverter : JsonConverter<PixelPosition>
{
    /// <inheritdoc/>
    public override PixelPosition Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<int> numbers = stackalloc int[2];
        NumberArray.Read(ref reader, numbers);
        return new PixelPosition(numbers[0], numbers[1]);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, PixelPosition value, JsonSerializerOptions options) =>
        NumberArray.Write(writer, [value.X, value.Y]);
}
