namespace CMUNeXt.Pictures;

/// <summary>The order of the channels in a network's input.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red, as the original code reads its pictures.</summary>
    Bgr,

    /// <summary>One channel, the luminance.</summary>
    Grey,
}

/// <summary>How a picture becomes the input of a network: resized, reordered, then ((x / 255 - mean) / deviation) / divisor.</summary>
public sealed record Preprocessing
{
    /// <summary>
    /// The published protocol: 256 x 256; blue, green, red, with the ImageNet mean and deviation applied to the channels as they
    /// stand; divided by 255 a second time.
    /// </summary>
    public static Preprocessing Published { get; } = new();

    /// <summary>The height of the network's input in pixels.</summary>
    public int Height { get; init; } = 256;

    /// <summary>The width of the network's input in pixels.</summary>
    public int Width { get; init; } = 256;

    /// <summary>The order of the channels.</summary>
    public ChannelOrder Order { get; init; } = ChannelOrder.Bgr;

    /// <summary>The mean of each channel, in [0, 1], in the order of the input.</summary>
    public IReadOnlyList<double> Mean { get; init; } = [0.485, 0.456, 0.406];

    /// <summary>The deviation of each channel, in [0, 1], in the order of the input.</summary>
    public IReadOnlyList<double> Deviation { get; init; } = [0.229, 0.224, 0.225];

    /// <summary>What the normalised value is divided by once more: 255 in the published protocol.</summary>
    public double Divisor { get; init; } = 255;
}
