using System.Globalization;
using System.Text;
using CMUNeXt.Tests;

namespace CMUNeXt.Dicom.Tests;

/// <summary>A small DICOM file of random pixels, made by DCMTK's dump2dcm.</summary>
/// <param name="Photometric">The photometric interpretation.</param>
/// <param name="Bits">The bits that are stored; as many as fit into 8 or 16 are allocated.</param>
/// <param name="IsPlanar">One plane for each sample.</param>
/// <param name="Frames">The number of frames.</param>
internal sealed record MadeFile(string Photometric, int Bits = 8, bool IsPlanar = false, int Frames = 1)
{
    public const int Width = 38;
    public const int Height = 21;

    /// <summary>Lines for <see cref="Extra"/>: all of the image is tissue, its pixels 0.2 mm wide and 0.3 mm high.</summary>
    public const string Region = """
        (0018,6011) SQ
        (fffe,e000) -
        (0018,6012) US 1
        (0018,6014) US 1
        (0018,6016) UL 0
        (0018,6018) UL 0
        (0018,601a) UL 0
        (0018,601c) UL 37
        (0018,601e) UL 20
        (0018,6024) US 3
        (0018,6026) US 3
        (0018,602c) FD 0.02
        (0018,602e) FD 0.03
        (fffe,e00d) -
        (fffe,e0dd) -

        """;

    public int Samples => Photometric is "RGB" || Photometric.StartsWith("YBR", StringComparison.Ordinal) ? 3 : 1;

    /// <summary>The highest of the bits that are stored. Where they do not begin at the lowest, noise stands beside them.</summary>
    public int HighBit { get; init; } = Bits - 1;

    /// <summary>The values are in two's complement.</summary>
    public bool IsSigned { get; init; }

    /// <summary>What identifies it.</summary>
    public string InstanceUid { get; init; } = "1.2.3.4.5";

    /// <summary>More lines of dump2dcm's input.</summary>
    public string Extra { get; init; } = "";

    /// <summary>The bytes of its pixels, in little endian.</summary>
    public byte[] Pixels()
    {
        int bytes = Bits > 8 ? 2 : 1;
        int perPixel = Photometric == "YBR_FULL_422" ? 2 : Samples * bytes;
        byte[] pixels = new byte[(((Width * Height * perPixel * Frames) + 1) / 2) * 2];
        new Random(Bits + Samples + Frames).NextBytes(pixels);

        // Smooth rows, so that JPEG and run lengths have something to shrink.
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)((pixels[i] & 3) + (i * 7 / Width) + (i % perPixel * 60));
        }

        if (Bits is > 8 and < 16 && HighBit == Bits - 1)
        {
            for (int i = 1; i < pixels.Length; i += 2)
            {
                pixels[i] &= (byte)((1 << (Bits - 8)) - 1);
            }
        }

        return pixels;
    }

    /// <summary>Writes it in explicit little endian.</summary>
    public void Write(TemporaryFolder folder, string path)
    {
        string raw = folder.File(Path.GetFileName(path) + ".raw");
        File.WriteAllBytes(raw, Pixels());
        string dump = folder.File(Path.GetFileName(path) + ".dump");
        File.WriteAllText(dump, Describe(raw));
        DicomTools.Run("dump2dcm", "-q", "+l", "1000000", dump, path);
    }

    private string Describe(string raw)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"(0008,0016) UI =UltrasoundMultiframeImageStorage\n(0008,0018) UI {InstanceUid}\n");
        text.Append("(0008,0060) CS US\n");
        text.Append("(0020,000d) UI 1.2.3\n(0020,000e) UI 1.2.3.4\n(0010,0010) PN Test^Phantom\n(0010,0020) LO 1\n");
        text.Append(CultureInfo.InvariantCulture, $"(0028,0002) US {Samples}\n(0028,0004) CS {Photometric}\n");
        if (Samples > 1)
        {
            text.Append(CultureInfo.InvariantCulture, $"(0028,0006) US {(IsPlanar ? 1 : 0)}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"(0028,0008) IS {Frames}\n(0028,0010) US {Height}\n(0028,0011) US {Width}\n");
        text.Append(CultureInfo.InvariantCulture, $"(0028,0100) US {(Bits > 8 ? 16 : 8)}\n(0028,0101) US {Bits}\n");
        text.Append(CultureInfo.InvariantCulture, $"(0028,0102) US {HighBit}\n(0028,0103) US {(IsSigned ? 1 : 0)}\n");
        if (Photometric == "PALETTE COLOR")
        {
            int count = 1 << Bits;
            string descriptor = string.Create(CultureInfo.InvariantCulture, $"US {(count == 65536 ? 0 : count)}\\0\\16");
            text.Append(CultureInfo.InvariantCulture, $"(0028,1101) {descriptor}\n(0028,1102) {descriptor}\n(0028,1103) {descriptor}\n");
            for (int table = 1; table <= 3; table++)
            {
                int slope = table * 65535 / count / 3;
                IEnumerable<string> entries =
                    Enumerable.Range(0, count).Select(i => (i * slope).ToString("x4", CultureInfo.InvariantCulture));
                text.Append(CultureInfo.InvariantCulture, $"(0028,120{table}) OW {string.Join('\\', entries)}\n");
            }
        }

        return text.Append(Extra).Append(CultureInfo.InvariantCulture, $"(7fe0,0010) OW ={raw}\n").ToString();
    }
}
