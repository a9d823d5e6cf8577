using System.Text.Json;
using System.Text.Json.Serialization;
using CMUNeXt.Images;

namespace CMUNeXt.Weights;

/// <summary>
/// Writes a channel order as <c>rgb</c>, <c>bgr</c>, <c>gray</c> or <c>mean</c>, and reads <c>grey</c> of earlier versions too.
/// </summary>
internal sealed class ChannelOrderJsonConverter : JsonConverter<ChannelOrder>
{
    /// <inheritdoc/>
    public override ChannelOrder Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw new JsonException("the channel order is rgb, bgr, gray or mean");
        }

        return reader.ValueTextEquals("rgb"u8) ? ChannelOrder.Rgb
            : reader.ValueTextEquals("bgr"u8) ? ChannelOrder.Bgr
            : reader.ValueTextEquals("gray"u8) || reader.ValueTextEquals("grey"u8) ? ChannelOrder.Gray
            : reader.ValueTextEquals("mean"u8) ? ChannelOrder.Mean
            : throw new JsonException("the channel order is rgb, bgr, gray or mean");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ChannelOrder value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value switch
        {
            ChannelOrder.Rgb => "rgb",
            ChannelOrder.Bgr => "bgr",
            ChannelOrder.Mean => "mean",
            _ => "gray",
        });
}
