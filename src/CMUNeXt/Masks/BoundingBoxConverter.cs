using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CMUNeXt.Masks;

/// <summary>Writes a box as [x, y, width, height].</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class BoundingBoxConverter : JsonConverter<BoundingBox>
{
    /// <inheritdoc/>
    public override BoundingBox Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<int> numbers = stackalloc int[4];
        NumberArray.Read(ref reader, numbers);
        return new BoundingBox(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BoundingBox value, JsonSerializerOptions options) =>
        NumberArray.Write(writer, [value.X, value.Y, value.Width, value.Height]);
}
