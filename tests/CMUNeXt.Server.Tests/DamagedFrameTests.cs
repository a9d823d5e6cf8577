using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace CMUNeXt.Server.Tests;

/// <summary>DICOM files whose frame is not what they say are refused as damaged images.</summary>
public sealed class DamagedFrameTests
{
    private const string BigEndian = "1.2.840.10008.1.2.2\0";
    private const string BaselineJpeg = "1.2.840.10008.1.2.4.50";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // In big endian words are swapped, and the last byte has none.
    [Fact]
    public async Task A_frame_that_ends_in_the_middle_of_a_word_is_refused()
    {
        const int Side = 33;
        byte[] file =
        [
            .. Header(BigEndian, isBigEndian: true, Side, Side), 0x7F, 0xE0, 0, 0x10, .. "OW"u8, 0, 0, .. Number(Side * Side, 4, true),
            .. new byte[Side * Side],
        ];
        Assert.Contains("half a word too few for its frame 1", await RefusalOf(file), StringComparison.Ordinal);
    }

    // To the check before decoding, the marker after the first is a segment that ends within a comment, where another header stands.
    [Fact]
    public async Task A_jpeg_that_is_larger_than_its_file_says_is_not_decoded()
    {
        const int Width = 60;
        const int Height = 50;
        const int Landing = 4 + 0xFFFE;
        byte[] header = [0xFF, 0xC0, 0, 8, 8, 0, Height, 0, Width, 1, 0xFF, 0xDA, 0, 2];
        byte[] first = [0xFF, 0xD8, 0xFF, 0xD0, .. Comment(new byte[1000])];
        byte[] second = Comment([.. new byte[Landing - first.Length - 4], .. header]);
        byte[] jpeg = [.. first, .. second, .. TurnedImage.Jpeg(1).AsSpan(2)];
        jpeg = jpeg.Length % 2 == 0 ? jpeg : [.. jpeg, 0];
        byte[] file =
        [
            .. Header(BaselineJpeg, isBigEndian: false, Width, Height), 0xE0, 0x7F, 0x10, 0, .. "OB"u8, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF,
            0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0, 0xE0, .. Number(jpeg.Length, 4, false), .. jpeg,
            0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0,
        ];
        Assert.Contains("megapixels allowed", await RefusalOf(file), StringComparison.Ordinal);
    }

    private static async Task<string> RefusalOf(byte[] file)
    {
        await using RunningServer server = await RunningServer.Start();
        using HttpResponseMessage response = await server.Segment(file);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        return (string)(await response.Content.ReadFromJsonAsync<JsonNode>(Stop))!["detail"]!;
    }

    // A comment's length is in big endian, and counts itself.
    private static byte[] Comment(byte[] content) => [0xFF, 0xFE, .. Number(content.Length + 2, 2, true), .. content];

    private static byte[] Header(string syntax, bool isBigEndian, int width, int height) =>
    [
        .. new byte[128], .. "DICM"u8, .. Element(0x0002, 0x0010, "UI", Encoding.ASCII.GetBytes(syntax), isBigEndian: false),
        .. Element(0x0028, 0x0002, "US", Number(1, 2, isBigEndian), isBigEndian),
        .. Element(0x0028, 0x0004, "CS", [.. "MONOCHROME2 "u8], isBigEndian),
        .. Element(0x0028, 0x0010, "US", Number(height, 2, isBigEndian), isBigEndian),
        .. Element(0x0028, 0x0011, "US", Number(width, 2, isBigEndian), isBigEndian),
        .. Element(0x0028, 0x0100, "US", Number(8, 2, isBigEndian), isBigEndian),
        .. Element(0x0028, 0x0101, "US", Number(8, 2, isBigEndian), isBigEndian),
        .. Element(0x0028, 0x0102, "US", Number(7, 2, isBigEndian), isBigEndian),
        .. Element(0x0028, 0x0103, "US", Number(0, 2, isBigEndian), isBigEndian),
    ];

    private static byte[] Element(int group, int element, string representation, byte[] value, bool isBigEndian) =>
    [
        .. Number(group, 2, isBigEndian), .. Number(element, 2, isBigEndian), .. Encoding.ASCII.GetBytes(representation),
        .. Number(value.Length, 2, isBigEndian), .. value,
    ];

    private static byte[] Number(int value, int length, bool isBigEndian)
    {
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)((value >> (8 * i)) & 0xFF))];
        if (isBigEndian)
        {
            Array.Reverse(bytes);
        }

        return bytes;
    }
}
