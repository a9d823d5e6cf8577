using System.Text.Json;
using System.Text.Json.Serialization;
using CMUNeXt.Masks;

namespace CMUNeXt.Extensions.Tests;

public sealed class HostJsonTests
{
    [Fact]
    public void A_program_that_is_compiled_ahead_of_time_writes_lesions_as_a_report_does()
    {
        Lesion lesion = new(1, 4, new BoundingBox(5, 6, 2, 2), [new PixelPosition(5, 6)], 0.9);
        string written = JsonSerializer.Serialize([lesion], HostJson.Default.IReadOnlyListLesion);
        Assert.Contains("\"box\":[5, 6, 2, 2],\"contour\":[[5, 6]]", written, StringComparison.Ordinal);
    }
}

/// <summary>What a host declares for its own answers.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<Lesion>))]
internal sealed partial class HostJson : JsonSerializerContext;
