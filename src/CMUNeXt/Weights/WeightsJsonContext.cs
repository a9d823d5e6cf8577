using System.Text.Json.Serialization;
using CMUNeXt.Networks;

namespace CMUNeXt.Weights;

/// <summary>
/// The JSON of <see cref="WeightsMetadataDocument"/>, generated while building: names in snake case, required members and null checked,
/// a name that stands twice refused, unknown members passed over.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters =
    [
        typeof(ChannelOrderJsonConverter), typeof(KebabCaseJsonConverter<EncoderBlock>), typeof(KebabCaseJsonConverter<FusionBlock>),
    ])]
[JsonSerializable(typeof(WeightsMetadataDocument))]
internal sealed partial class WeightsJsonContext : JsonSerializerContext;
