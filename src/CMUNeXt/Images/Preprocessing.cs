using System.Buffers;
using System.Text.Json.Serialization;

namespace CMUNeXt.Images;

/// <summary>The order of the channels in a network's input.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red, as the original code reads its images.</summary>
    Bgr,

    /// <summary>One channel, the luminance.</summary>
    Gray,

    /// <summary>Three equal channels: the mean of red, green and blue, rounded.</summary>
    Mean,
}

/// <summary>How an image becomes the input of a network: resized, reordered, then ((x / 255 - mean) / std) / divisor.</summary>
public sealed record Preprocessing
{
    /// <summary>
    /// The longest side of a network's input in pixels: what a weight file or a person asks for is computed in seconds, in memory that
    /// machines have.
    /// </summary>
    public const int MaximumSide = 4096;

    /// <summary>
    /// The bits that luminance is computed in, rounded. The weights are those of ITU-R BT.601, as OpenCV converts to gray.
    /// </summary>
    internal const int LuminanceBits = 14;

    /// <summary>Of <see cref="LuminanceBits"/>.</summary>
    internal const int RedWeight = 4899;

    /// <inheritdoc cref="RedWeight"/>
    internal const int GreenWeight = 9617;

    /// <inheritdoc cref="RedWeight"/>
    internal const int BlueWeight = 1868;

    /// <summary>
    /// The published protocol: 256 x 256; blue, green, red, with the ImageNet mean and standard deviation applied to the channels as they
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

    /// <summary>The standard deviation of each channel, above 0, at most 1, in the order of the input.</summary>
    [JsonPropertyName("std")]
    public IReadOnlyList<double> StandardDeviation { get; init; } = [0.229, 0.224, 0.225];

    /// <summary>What the normalized value is divided by once more: 255 in the published protocol.</summary>
    public double Divisor { get; init; } = 255;

    /// <summary>
    /// Whether an image keeps its proportions, with black bars beside it or above and below it, instead of being stretched.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Letterbox { get; init; }

    /// <summary>The channels of the network's input.</summary>
    public int Channels => Order == ChannelOrder.Gray ? 1 : 3;

    /// <summary>The published protocol for a number of channels: as it is for 3, the luminance with the mean of the three for 1.</summary>
    /// <exception cref="ArgumentException">Images have 1 or 3 channels.</exception>
    public static Preprocessing For(int channels) => channels switch
    {
        3 => Published,
        1 => Published with { Order = ChannelOrder.Gray, Mean = [0.449], StandardDeviation = [0.226] },
        _ => throw new ArgumentException($"A network for images has 1 or 3 input channels, not {channels}."),
    };

    /// <summary>What is resized to the network's input: an image itself, or with <see cref="Letterbox"/> the image with its bars.</summary>
    /// <param name="width">The image's width in pixels, at least 1.</param>
    /// <param name="height">Its height.</param>
    /// <returns>The size of it in pixels, and where the image's first pixel stands in it.</returns>
    /// <exception cref="ArgumentException">A side of it would have more than 2,147,483,647 pixels.</exception>
    public (int Width, int Height, int X, int Y) CanvasOf(int width, int height)
    {
        if (!Letterbox)
        {
            return (width, height, 0, 0);
        }

        long canvasWidth = Math.Max(width, (((long)height * Width) + Height - 1) / Height);
        long canvasHeight = Math.Max(height, (((long)width * Height) + Width - 1) / Width);
        return canvasWidth <= int.MaxValue && canvasHeight <= int.MaxValue
            ? ((int)canvasWidth, (int)canvasHeight, (int)(canvasWidth - width) / 2, (int)(canvasHeight - height) / 2)
            : throw new ArgumentException($"An image of {width} x {height} pixels is too narrow to be shown with bars.");
    }

    /// <summary>Resizes and normalizes an image.</summary>
    /// <param name="image">Any size, 1 or 3 channels.</param>
    /// <param name="input">Receives Channels x Height x Width values.</param>
    /// <exception cref="ArgumentException">
    /// The destination has another length, or a value of the preprocessing is out of its range.
    /// </exception>
    public void Apply(Image image, Span<float> input)
    {
        ArgumentNullException.ThrowIfNull(image);
        Apply(new PixelBuffer(image), input);
    }

    /// <summary>Resizes and normalizes pixels.</summary>
    /// <param name="pixels">Any size, gray or color.</param>
    /// <param name="input">Receives Channels x Height x Width values.</param>
    /// <exception cref="ArgumentException">
    /// The destination has another length, or a value of the preprocessing is out of its range.
    /// </exception>
    public void Apply(PixelBuffer pixels, Span<float> input)
    {
        if (FindFault() is { } fault)
        {
            throw new ArgumentException($"The preprocessing is not possible: {fault}.");
        }

        long values = (long)Channels * Height * Width;
        if (input.Length != values)
        {
            throw new ArgumentException($"{Channels} x {Height} x {Width} needs {values} values, not {input.Length}.", nameof(input));
        }

        bool isWide = pixels.Format == PixelFormat.Gray16;
        if (isWide || (Order is ChannelOrder.Gray or ChannelOrder.Mean && pixels.Channels == 3))
        {
            byte[] gray = ArrayPool<byte>.Shared.Rent(pixels.Width * pixels.Height);
            if (isWide)
            {
                pixels.WriteEightBits(gray);
            }
            else if (Order == ChannelOrder.Gray)
            {
                WriteLuminance(pixels, gray);
            }
            else
            {
                WriteMean(pixels, gray);
            }

            Show(new PixelBuffer(gray, pixels.Width, pixels.Height, pixels.Width, PixelFormat.Gray8), input);
            ArrayPool<byte>.Shared.Return(gray);
        }
        else
        {
            Show(pixels, input);
        }
    }

    /// <inheritdoc/>
    public bool Equals(Preprocessing? other) =>
        other is not null && Height == other.Height && Width == other.Width && Order == other.Order && Divisor == other.Divisor
        && Letterbox == other.Letterbox && Mean.SequenceEqual(other.Mean) && StandardDeviation.SequenceEqual(other.StandardDeviation);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Height, Width, Order, Divisor, Letterbox);

    /// <summary>Says what is wrong with the values.</summary>
    /// <returns>One sentence, or null where all is well.</returns>
    internal string? FindFault()
    {
        if (Height is < 1 or > MaximumSide || Width is < 1 or > MaximumSide)
        {
            return $"the input is from 1 x 1 to {MaximumSide} x {MaximumSide} pixels, not {Width} x {Height}";
        }

        if (Mean.Count != Channels || !Mean.All(static v => v is >= 0 and <= 1))
        {
            return $"the mean is {Channels} numbers from 0 to 1";
        }

        if (StandardDeviation.Count != Channels || !StandardDeviation.All(static v => v is > 0 and <= 1))
        {
            return $"the standard deviation (std) is {Channels} numbers above 0, at most 1";
        }

        return !(double.IsFinite(Divisor) && Divisor > 0) ? "the divisor is above 0"
            : Enumerable.Range(0, Channels).All(TellsPixelsApart) ? null
            : "std and divisor leave no different numbers of black and white, in float32";
    }

    private bool TellsPixelsApart(int channel)
    {
        Span<float> values = stackalloc float[256];
        FillValues(channel, values);
        return float.IsFinite(values[0]) && float.IsFinite(values[^1]) && values[0] != values[^1];
    }

    // With the bars that it has.
    private void Show(PixelBuffer pixels, Span<float> input)
    {
        int channels = pixels.Channels;
        int plane = Height * Width;
        byte[] resized = ArrayPool<byte>.Shared.Rent(plane * channels);
        Resize.Bilinear(pixels, Width, Height, resized.AsSpan(0, plane * channels), CanvasOf(pixels.Width, pixels.Height));
        Span<float> values = stackalloc float[256];
        for (int c = 0; c < Channels; c++)
        {
            FillValues(c, values);
            int channel = channels == 1 ? 0 : Order == ChannelOrder.Bgr ? 2 - c : c;
            Span<float> target = input.Slice(c * plane, plane);
            for (int i = 0, source = channel; i < target.Length; i++, source += channels)
            {
                target[i] = values[resized[source]];
            }
        }

        ArrayPool<byte>.Shared.Return(resized);
    }

    // An 8-bit channel has 256 values: each is normalized once.
    private void FillValues(int channel, Span<float> values)
    {
        float mean = (float)(Mean[channel] * 255);
        float scale = (float)(1 / (StandardDeviation[channel] * 255));
        for (int v = 0; v < values.Length; v++)
        {
            values[v] = (v - mean) * scale / (float)Divisor;
        }
    }

    private static void WriteMean(PixelBuffer pixels, Span<byte> gray)
    {
        for (int y = 0; y < pixels.Height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Row(y);
            Span<byte> line = gray.Slice(y * pixels.Width, pixels.Width);
            for (int x = 0, i = 0; x < line.Length; x++, i += pixels.BytesPerPixel)
            {
                line[x] = (byte)((row[i + pixels.Red] + row[i + pixels.Green] + row[i + pixels.Blue] + 1) / 3);
            }
        }
    }

    private static void WriteLuminance(PixelBuffer pixels, Span<byte> gray)
    {
        for (int y = 0; y < pixels.Height; y++)
        {
            ReadOnlySpan<byte> row = pixels.Row(y);
            Span<byte> line = gray.Slice(y * pixels.Width, pixels.Width);
            for (int x = 0, i = 0; x < line.Length; x++, i += pixels.BytesPerPixel)
            {
                int sum = (RedWeight * row[i + pixels.Red]) + (GreenWeight * row[i + pixels.Green]) + (BlueWeight * row[i + pixels.Blue]);
                line[x] = (byte)((sum + (1 << (LuminanceBits - 1))) >> LuminanceBits);
            }
        }
    }
}
