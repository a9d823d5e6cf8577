using System.Buffers.Binary;

namespace CMUNeXt.Drawing.Formats;

/// <summary>
/// Counts the frames of GIF and WebP in one pass over their structure. Skia works out what each frame is drawn upon when it is asked for
/// their number, which takes a time by the square of the frames and cannot be stopped.
/// </summary>
internal static class FrameCount
{
    private const int GifScreenLength = 13;
    private const int GifScreenFlags = 10;
    private const int GifDescriptorLength = 10;
    private const int GifDescriptorFlags = 9;
    private const byte GifExtension = 0x21;
    private const byte GifImage = 0x2C;
    private const byte GifTrailer = 0x3B;

    private const int RiffLength = 12;
    private const int ChunkHeaderLength = 8;
    private const int AnimationFrameLength = ChunkHeaderLength + 16;

    /// <summary>The image descriptors of a GIF; one that ends too early has those that are there.</summary>
    /// <exception cref="InvalidDataException">It is damaged, and may hold more than one frame behind the damage.</exception>
    public static int OfGif(ReadOnlyMemory<byte> gif)
    {
        ReadOnlySpan<byte> file = gif.Span;
        if (file.Length < GifScreenLength)
        {
            return 0;
        }

        int frames = 0;
        long at = GifScreenLength + ColorTableLength(file[GifScreenFlags]);
        while (at < file.Length && file[(int)at] != GifTrailer)
        {
            ReadOnlySpan<byte> rest = file[(int)at..];
            if (rest[0] == GifExtension)
            {
                at = AfterBlocks(file, at + 2);
            }
            else if (rest[0] != GifImage)
            {
                // Nobody knows where the next block begins; without the byte that begins an image there is no further one.
                return frames + rest.Count(GifImage) <= 1
                    ? frames
                    : throw new InvalidDataException("a damaged Gif: copy it again from its source, or convert it to PNG");
            }
            else if (rest.Length < GifDescriptorLength)
            {
                break;
            }
            else
            {
                frames++;

                // One byte, the size of the first codes, stands before the blocks.
                at = AfterBlocks(file, at + GifDescriptorLength + ColorTableLength(rest[GifDescriptorFlags]) + 1);
            }
        }

        return frames;
    }

    /// <summary>The animation frames (ANMF) of a WebP: none in a still image.</summary>
    public static int OfWebP(ReadOnlyMemory<byte> webP)
    {
        ReadOnlySpan<byte> file = webP.Span;
        if (file.Length < RiffLength)
        {
            return 0;
        }

        // What follows the RIFF chunk is no part of the image, and Skia does not read it either.
        long end = Math.Min(file.Length, (long)ChunkHeaderLength + BinaryPrimitives.ReadUInt32LittleEndian(file[4..]));
        int frames = 0;
        long at = RiffLength;
        while (end - at >= ChunkHeaderLength)
        {
            ReadOnlySpan<byte> chunk = file[(int)at..(int)end];
            if (chunk.Length >= AnimationFrameLength && chunk.StartsWith("ANMF"u8))
            {
                frames++;
            }

            // A chunk of an odd length is followed by a byte of padding.
            long length = BinaryPrimitives.ReadUInt32LittleEndian(chunk[4..]);
            at += ChunkHeaderLength + length + (length & 1);
        }

        return frames;
    }

    private static int ColorTableLength(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    // Blocks of up to 255 bytes, the length in front of each; an empty one is the last.
    private static long AfterBlocks(ReadOnlySpan<byte> file, long at)
    {
        while (at < file.Length && file[(int)at] != 0)
        {
            at += file[(int)at] + 1;
        }

        return at + 1;
    }
}
