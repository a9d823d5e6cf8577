using System.Text;

namespace CMUNeXt.Files.Tests;

public sealed class Crc32Tests
{
    [Theory]
    [InlineData("", 0u)]
    // The check value of the published catalog of CRCs, CRC-32/ISO-HDLC.
    [InlineData("123456789", 0xCBF43926u)]
    public void Published_values_are_met(string text, uint expected) => Assert.Equal(expected, Crc32.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Every_length_agrees_with_the_bit_by_bit_definition()
    {
        byte[] data = new byte[70];
        new Random(5).NextBytes(data);
        for (int length = 0; length <= data.Length; length++)
        {
            uint slow = uint.MaxValue;
            foreach (byte value in data.AsSpan(0, length))
            {
                slow ^= value;
                for (int bit = 0; bit < 8; bit++)
                {
                    slow = (slow & 1) != 0 ? (slow >> 1) ^ 0xEDB88320 : slow >> 1;
                }
            }

            Assert.Equal(~slow, Crc32.Of(data.AsSpan(0, length)));
        }
    }
}
