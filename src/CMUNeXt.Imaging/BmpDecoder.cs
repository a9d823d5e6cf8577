using System.Buffers.Binary;
using System.Numerics;

using CMUNeXt.Images;
using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Imaging;

/// <summary>Windows bitmaps; alpha is dropped.</summary>
internal sealed class BmpDecoder : ImageDecoder
{
    public override ImageFormat Format => ImageFormat.Bmp;

    public override bool Recognizes(ReadOnlyMemory<byte> file) => file.Span.StartsWith("BM"u8);

    public override EncodedImage Open(ReadOnlyMemory<byte> file)
    {
        BmpHeader header = BmpHeader.Read(file.Span);
        int bits = Math.Min(header.Bits, 8);
        return new Encoded(file, header, new ImageInfo(Format, header.Width, (int)header.Height, LayoutOf(header), bits, 1));
    }

    private static PixelLayout LayoutOf(BmpHeader header) => header.IsGray ? PixelLayout.Gray : header.Bits switch
    {
        32 => PixelLayout.Rgba,
        > 8 => PixelLayout.Rgb,
        _ => PixelLayout.Palette,
    };

    private sealed class Encoded(ReadOnlyMemory<byte> file, BmpHeader header, ImageInfo stored) : EncodedImage(stored, Orientation.Upright)
    {
        protected override Image Read(ImageLimits limits, bool gray)
        {
            int width = Info.Width;
            int height = Info.Height;
            ReadOnlySpan<byte> data = file.Span[(int)header.PixelStart..];
            bool packed = header.Compression is BmpHeader.RunLengths4 or BmpHeader.RunLengths8;
            byte[] indices = packed ? BmpRunLengths.Decode(data, width, height, header.Bits) : [];
            long stride = (((long)width * header.Bits) + 31) / 32 * 4;
            if (!packed && stride * height > data.Length)
            {
                throw BmpHeader.Truncated();
            }

            int channels = Info.Channels;
            byte[] pixels = new byte[(long)width * height * channels];
            Func<uint, byte>[] colors = [.. header.Masks.Select(Scale)];
            for (int y = 0; y < height; y++)
            {
                int row = header.TopDown ? y : height - 1 - y;
                Span<byte> target = pixels.AsSpan(y * width * channels, width * channels);
                if (packed)
                {
                    Look(indices.AsSpan(row * width, width), 8, channels, target);
                    continue;
                }

                ReadOnlySpan<byte> source = data.Slice((int)(row * stride), (int)stride);
                if (header.Bits <= 8)
                {
                    Look(source, header.Bits, channels, target);
                }
                else
                {
                    Colors(source, colors, target);
                }
            }

            return new Image(width, height, channels, pixels);
        }

        // The values that a mask cuts out, stretched or shortened to 8 bits.
        private static Func<uint, byte> Scale(uint mask)
        {
            int shift = BitOperations.TrailingZeroCount(mask);
            uint most = mask >> shift;
            return most == byte.MaxValue ? pixel => (byte)(pixel >> shift)
                : pixel => (byte)((((ulong)((pixel & mask) >> shift) * byte.MaxValue) + (most / 2)) / most);
        }

        private void Colors(ReadOnlySpan<byte> source, Func<uint, byte>[] colors, Span<byte> target)
        {
            int step = header.Bits / 8;
            for (int i = 0, from = 0; i < target.Length; i += 3, from += step)
            {
                if (step == 3)
                {
                    // Blue stands first.
                    target[i] = source[from + 2];
                    target[i + 1] = source[from + 1];
                    target[i + 2] = source[from];
                    continue;
                }

                uint pixel = step == 2
                    ? BinaryPrimitives.ReadUInt16LittleEndian(source[from..])
                    : BinaryPrimitives.ReadUInt32LittleEndian(source[from..]);
                for (int c = 0; c < 3; c++)
                {
                    target[i + c] = colors[c](pixel);
                }
            }
        }

        private void Look(ReadOnlySpan<byte> source, int bits, int channels, Span<byte> target)
        {
            byte[] palette = header.Palette;
            for (int x = 0; x < target.Length / channels; x++)
            {
                int bit = x * bits;
                int place = 3 * ((source[bit >> 3] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1));
                if (place >= palette.Length)
                {
                    throw new InvalidDataException("a damaged BMP: a pixel has a color that its palette does not hold");
                }

                palette.AsSpan(place, channels).CopyTo(target[(x * channels)..]);
            }
        }
    }
}
