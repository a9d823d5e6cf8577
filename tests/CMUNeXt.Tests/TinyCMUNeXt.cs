using CMUNeXt.Networks;

namespace CMUNeXt.Tests;

/// <summary>A CMUNeXt so small that a test trains it in no time.</summary>
internal static class TinyCMUNeXt
{
    public static NetworkDescription Describe(int channels = 1, int outputs = 1) => new()
    {
        Name = "cmunext-s",
        Channels = channels,
        Outputs = outputs,
        Configuration = new([2, 2, 4, 4, 4], [1, 1, 1, 1, 1], [3, 3, 3, 3, 3]),
    };
}
