using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CMUNeXt.Networks;

/// <summary>Writes <c>activation-first</c> or <c>normalization-first</c>, and reads the spelling of earlier versions too.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class LayerOrderJsonConverter : JsonConverter<LayerOrder>
{
    /// <inheritdoc/>
    public override LayerOrder Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType != JsonTokenType.String ? throw new JsonException("the order is activation-first or normalization-first")
            : reader.ValueTextEquals("activation-first"u8) ? LayerOrder.ActivationFirst
            : reader.ValueTextEquals("normalization-first"u8) || reader.ValueTextEquals("normalisation-first"u8)
                ? LayerOrder.NormalizationFirst
            : throw new JsonException("the order is activation-first or normalization-first");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LayerOrder value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value == LayerOrder.ActivationFirst ? "activation-first" : "normalization-first");
}
