namespace CMUNeXt.Server.Api;

/// <summary>What an answer holds beside the findings.</summary>
[Flags]
internal enum SegmentParts
{
    None = 0,
    Probability = 1,
    Mask = 2,
    Overlay = 4,
    Svg = 8,
    Image = 16,
}

/// <summary>Reads the parts that a request asks for.</summary>
internal static class RequestedParts
{
    /// <summary>The names, as they stand in messages.</summary>
    public const string Names = "probability, mask, overlay, svg and image";

    /// <summary>The parts of a list with commas between its names; null where there is another name in it.</summary>
    public static SegmentParts? Parse(string? include)
    {
        SegmentParts parts = SegmentParts.None;
        foreach (string name in (include ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            SegmentParts part = name switch
            {
                "probability" => SegmentParts.Probability,
                "mask" => SegmentParts.Mask,
                "overlay" => SegmentParts.Overlay,
                "svg" => SegmentParts.Svg,
                "image" => SegmentParts.Image,
                _ => SegmentParts.None,
            };
            if (part == SegmentParts.None)
            {
                return null;
            }

            parts |= part;
        }

        return parts;
    }
}
