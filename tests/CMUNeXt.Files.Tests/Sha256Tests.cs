using System.Security.Cryptography;

namespace CMUNeXt.Files.Tests;

public sealed class Sha256Tests
{
    [Fact]
    public void It_equals_the_frameworks_at_every_length_around_its_blocks()
    {
        byte[] content = new byte[300];
        new Random(1).NextBytes(content);
        for (int length = 0; length <= content.Length; length++)
        {
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content.AsSpan(0, length))), Sha256.Of(content.AsSpan(0, length)));
        }
    }

    [Fact]
    public void It_equals_the_standards_example() =>
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.Of("abc"u8));
}
