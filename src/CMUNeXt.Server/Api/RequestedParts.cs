namespace CMUNeXt.Server.Api;

/// <summary>What an answer holds beside the findings.</summary>
[Flags]
internal enum SegmentParts
{
    None = 0,
    Probability = 1,
    Mask = 2,
    Image = 4,
}

/// <summary>Reads the parts that a request asks for.</summary>
internal static class RequestedParts
{
    /// <summary>The parts of a list with commas between its names; null where there is another name in it.</summary>
    public static SegmentParts? Parse(string? include)
    {
        SegmentParts parts = SegmentParts.None;
        foreach (string name in (include ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            switch (name)
            {
                case "probability":
                    parts |= SegmentParts.Probability;
                    break;
                case "mask":
                    parts |= SegmentParts.Mask;
                    break;
                case "image":
                    parts |= SegmentParts.Image;
                    break;
                default:
                    return null;
            }
        }

        return parts;
    }
}
