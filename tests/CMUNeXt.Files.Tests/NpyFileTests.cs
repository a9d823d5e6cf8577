using System.Text;
using CMUNeXt.Tests;

namespace CMUNeXt.Files.Tests;

public sealed class NpyFileTests : IDisposable
{
    private const string Plain = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public void Singles_survive_bit_for_bit()
    {
        float[] values = [1.5f, -0f, float.NaN, float.PositiveInfinity, float.Epsilon, -3e38f];
        foreach (int[] shape in new[] { [6], [2, 3], [1, 2, 1, 3], new[] { 6, 1 } })
        {
            NpyFile.WriteSingles(path, shape, values);
            (int[] readShape, float[] read) = NpyFile.ReadSingles(path);
            Assert.Equal(shape, readShape);
            Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), read.Select(BitConverter.SingleToUInt32Bits));
        }
    }

    [Theory]
    [InlineData(new int[0], 1)]
    [InlineData(new[] { 0 }, 0)]
    [InlineData(new[] { 3, 0, 5 }, 0)]
    public void A_scalar_and_empty_arrays_survive(int[] shape, int count)
    {
        NpyFile.WriteSingles(path, shape, new float[count]);
        (int[] readShape, float[] read) = NpyFile.ReadSingles(path);
        Assert.Equal(shape, readShape);
        Assert.Equal(count, read.Length);
    }

    [Fact]
    public void What_is_written_is_what_the_format_says()
    {
        NpyFile.WriteSingles(path, [2], new[] { 1f, -2.5f });
        byte[] content = File.ReadAllBytes(path);
        Assert.Equal([0x93, .. "NUMPY"u8.ToArray(), 1, 0], content[..8]);
        int start = 10 + content[8] + (256 * content[9]);
        Assert.Equal(0, start % 64);
        Assert.Equal((byte)'\n', content[start - 1]);
        Assert.StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, ), }", Encoding.ASCII.GetString(content[10..start]));
        Assert.Equal([0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0], content[start..]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version_is_read(byte version)
    {
        Write(Header(version, Plain), Bytes(0f, 1f, 2f, 3f, 4f, 5f));
        (int[] shape, float[] values) = NpyFile.ReadSingles(path);
        Assert.Equal([2, 3], shape);
        Assert.Equal([0f, 1f, 2f, 3f, 4f, 5f], values);
    }

    [Fact]
    public void Doubles_are_rounded_to_singles()
    {
        Write(Header(1, """{"shape": (1, 2), "fortran_order": False, "descr": "<f8"}"""),
            [.. BitConverter.GetBytes(1.0 / 3), .. BitConverter.GetBytes(-2.5)]);
        (int[] shape, float[] values) = NpyFile.ReadSingles(path);
        Assert.Equal([1, 2], shape);
        Assert.Equal([1f / 3, -2.5f], values);
    }

    [Theory]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", 24)]
    [InlineData("{'descr': '|u1', 'fortran_order': False, 'shape': (24,), }", 24)]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", 24)]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 'x'}", 24)]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False}", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0, 3), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': 6, }", 24)]
    [InlineData("{'descr': '<f4", 24)]
    [InlineData("", 24)]
    [InlineData(Plain, 23)]
    [InlineData(Plain, 25)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1099511627776,), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647), }", 24)]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536, 65536, 65536), }", 0)]
    public void A_hostile_file_is_refused(string header, int bytes)
    {
        Write(Header(1, header), new byte[bytes]);
        BadFileException e = Assert.Throws<BadFileException>(() => NpyFile.ReadSingles(path));
        Assert.StartsWith(path + ": ", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void More_than_64_dimensions_are_refused()
    {
        Write(Header(1, $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Concat(Enumerable.Repeat("1,", 65))})}}"),
            new byte[4]);
        Assert.Throws<BadFileException>(() => NpyFile.ReadSingles(path));
    }

    [Fact]
    public void Another_version_length_or_magic_is_refused()
    {
        byte[] data = new byte[24];
        Write(Header(4, Plain), data);
        Assert.Throws<BadFileException>(() => NpyFile.ReadSingles(path));

        byte[] longer = Header(2, Plain);
        longer[11] = 0x7f;
        Write(longer, data);
        Assert.Throws<BadFileException>(() => NpyFile.ReadSingles(path));

        byte[] other = Header(1, Plain);
        other[1] = (byte)'M';
        Write(other, data);
        Assert.Throws<BadFileException>(() => NpyFile.ReadSingles(path));

        Write(Header(1, Plain)[..9], []);
        Assert.Throws<BadFileException>(() => NpyFile.ReadSingles(path));
    }

    [Fact]
    public void A_shape_that_the_values_do_not_fill_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => NpyFile.WriteSingles(path, [2, 2], new float[3]));
        Assert.Throws<ArgumentException>(() => NpyFile.WriteSingles(path, [-1, -3], new float[3]));
    }

    [Fact]
    public void What_NumPy_wrote_is_read()
    {
        (int[] shape, float[] logits) = NpyFile.ReadSingles(Reference.Path("golden", "pth", "cmunext_s.logits.npy"));
        Assert.Equal([1, 1, 256, 256], shape);
        Assert.Equal(65536, logits.Length);
        Assert.All(logits, v => Assert.True(float.IsFinite(v)));
    }

    private static byte[] Header(byte version, string text)
    {
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. Encoding.ASCII.GetBytes(text)];
    }

    private static byte[] Bytes(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private void Write(byte[] header, byte[] data) => File.WriteAllBytes(path, [.. header, .. data]);
}
