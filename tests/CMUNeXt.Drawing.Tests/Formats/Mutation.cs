using System.Buffers.Binary;
using CMUNeXt.Imaging.Tests.Formats;

namespace CMUNeXt.Drawing.Tests.Formats;

/// <summary>Damage to a file: bytes, bits, numbers in a header, pieces lost, repeated, moved or taken from another file.</summary>
internal static class Mutation
{
    private static readonly byte[][] Numbers =
    [
        [0, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF], [0x7F, 0xFF, 0xFF, 0xFF], [0x80, 0, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0],
        [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0x80], [0x40, 0, 0, 0], [0, 0, 0x75, 0x30],
    ];

    /// <summary>A damaged copy.</summary>
    /// <param name="file">The file.</param>
    /// <param name="other">Another one, to take pieces from.</param>
    /// <param name="random">Decides the damage.</param>
    public static byte[] Of(byte[] file, byte[] other, Random random)
    {
        byte[] mutated = [.. file];
        int times = 1 + random.Next(4);
        for (int i = 0; i < times && mutated.Length > 8; i++)
        {
            mutated = Once(mutated, other, random);
        }

        return mutated;
    }

    /// <summary>
    /// A PNG with the checksums of its chunks put right, as far as their lengths can be followed; any other file as it is.
    /// </summary>
    public static byte[] WithChecksums(byte[] file)
    {
        if (file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]))
        {
            for (long at = 8; at + 12 <= file.Length;)
            {
                long length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at));
                if (length > file.Length - at - 12)
                {
                    break;
                }

                byte[] named = file[(int)(at + 4)..(int)(at + 8 + length)];
                BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan((int)(at + 8 + length)), PngBuilder.Checksum(named));
                at += 12 + length;
            }
        }

        return file;
    }

    private static byte[] Once(byte[] file, byte[] other, Random random)
    {
        // Headers stand in front, and decide more.
        int at = random.Next(random.Next(2) == 0 ? Math.Min(file.Length, 160) : file.Length);
        int length = Math.Min(1 + random.Next(random.Next(3) == 0 ? 64 : 4), file.Length - at);
        switch (random.Next(9))
        {
            case 0:
                file[at] = (byte)random.Next(256);
                return file;
            case 1:
                file[at] ^= (byte)(1 << random.Next(8));
                return file;
            case 2:
                byte[] number = Numbers[random.Next(Numbers.Length)];
                number.AsSpan(0, Math.Min(1 << random.Next(3), file.Length - at)).CopyTo(file.AsSpan(at));
                return file;
            case 3:
                return [.. file[..at], .. file[(at + length)..]];
            case 4:
                return [.. file[..at], .. file[at..(at + length)], .. file[at..]];
            case 5:
                return file[..at];
            case 6:
                file.AsSpan(at, length).Clear();
                return file;
            case 7:
                file.AsSpan(at, length).CopyTo(file.AsSpan(random.Next(file.Length - length + 1)));
                return file;
            default:
                int from = random.Next(other.Length);
                return [.. file[..at], .. other[from..Math.Min(other.Length, from + length)], .. file[at..]];
        }
    }
}
