using System.Globalization;

namespace CMUNeXt.Tests;

/// <summary>Damage to sound files, by which tests hold a reader to its bounds. What a test tries follows from its number alone.</summary>
internal static class Fuzz
{
    /// <summary>How many damaged files a test tries: what the environment variable CMUNEXT_FUZZ says, or as many as usual.</summary>
    public static int Count(int usual)
    {
        string? setting = Environment.GetEnvironmentVariable("CMUNEXT_FUZZ");
        return string.IsNullOrEmpty(setting) ? usual : int.Parse(setting, CultureInfo.InvariantCulture);
    }

    /// <summary>Damages a copy at one to three places: bits and bytes, pieces lost and repeated, a number in between.</summary>
    /// <param name="sound">A sound file.</param>
    /// <param name="random">Decides the damage.</param>
    /// <param name="head">Half of the damage is within so many first bytes; 0 where no part of the file says more than another.</param>
    public static byte[] Mutate(byte[] sound, Random random, int head = 0)
    {
        List<byte> content = [.. sound];
        head = Math.Min(head, sound.Length);
        for (int i = random.Next(1, 4); i > 0 && content.Count > 0; i--)
        {
            int place = random.Next(head > 0 && random.Next(2) == 0 ? Math.Min(content.Count, head) : content.Count);
            int length = Math.Min(random.Next(1, 64), content.Count - place);
            switch (random.Next(5))
            {
                case 0:
                    content[place] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    content[place] = (byte)random.Next(256);
                    break;
                case 2:
                    content.RemoveRange(place, random.Next(8) == 0 ? content.Count - place : length);
                    break;
                case 3:
                    content.InsertRange(random.Next(content.Count), content.GetRange(place, length));
                    break;
                default:
                    // A length or a number that is as large as it can be.
                    content.InsertRange(place, [0xff, 0xff, 0xff, 0xff, (byte)(random.Next(2) * 0x0f)]);
                    break;
            }
        }

        return [.. content];
    }
}
