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

    /// <summary>The channels of the network's input.</summary>
    public int Channels => Order == ChannelOrder.Grey ? 1 : 3;

    /// <summary>The published protocol for a number of channels: as it is for 3, the luminance with the mean of the three for 1.</summary>
    /// <exception cref="ArgumentException">Pictures have 1 or 3 channels.</exception>
    public static Preprocessing For(int channels) => channels switch
    {
        3 => Published,
        1 => Published with { Order = ChannelOrder.Grey, Mean = [0.449], Deviation = [0.226] },
        _ => throw new ArgumentException($"A network for pictures has 1 or 3 input channels, not {channels}."),
    };

    /// <summary>Resizes and normalises a picture.</summary>
    /// <param name="picture">Any size, 1 or 3 channels.</param>
    /// <param name="input">Receives Channels x Height x Width values.</param>
    /// <exception cref="ArgumentException">The destination has another length.</exception>
    public void Apply(Picture picture, Span<float> input)
    {
        ArgumentNullException.ThrowIfNull(picture);
        int pixels = Height * Width;
        if (input.Length != Channels * pixels)
        {
            throw new ArgumentException($"{Channels} x {Height} x {Width} needs {Channels * pixels} values, not {input.Length}.", nameof(input));
        }

        Picture resized = Resize.Bilinear(Order == ChannelOrder.Grey ? Luminance(picture) : picture, Width, Height);
        ReadOnlySpan<byte> source = resized.Pixels;
        Span<float> values = stackalloc float[256];
        for (int c = 0; c < Channels; c++)
        {
            FillValues(c, values);
            Span<float> plane = input.Slice(c * pixels, pixels);
            int channel = resized.Channels == 1 ? 0 : Order == ChannelOrder.Bgr ? 2 - c : c;
            for (int i = 0; i < pixels; i++)
            {
                plane[i] = values[source[(i * resized.Channels) + channel]];
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(Preprocessing? other) =>
        other is not null && Height == other.Height && Width == other.Width && Order == other.Order && Divisor == other.Divisor
        && Mean.SequenceEqual(other.Mean) && Deviation.SequenceEqual(other.Deviation);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, Order, Divisor);

    // An 8-bit channel has 256 values: each is normalised once.
    private void FillValues(int channel, Span<float> values)
    {
        float mean = (float)(Mean[channel] * 255);
        float scale = (float)(1 / (Deviation[channel] * 255));
        for (int v = 0; v < values.Length; v++)
        {
            values[v] = (v - mean) * scale / (float)Divisor;
        }
    }

    // ITU-R BT.601, the weights of OpenCV's conversion to grey, in 14 bits.
    private static Picture Luminance(Picture picture)
    {
        if (picture.Channels == 1)
        {
            return picture;
        }

        byte[] grey = new byte[picture.Width * picture.Height];
        for (int i = 0; i < grey.Length; i++)
        {
            ReadOnlySpan<byte> rgb = picture.Pixels.AsSpan(3 * i, 3);
            grey[i] = (byte)(((4899 * rgb[0]) + (9617 * rgb[1]) + (1868 * rgb[2]) + (1 << 13)) >> 14);
        }

        return new Picture(picture.Width, picture.Height, 1, grey);
    }
}
