using CMUNeXt.Imaging.Formats;

namespace CMUNeXt.Imaging.Tests.Formats;

public sealed class PngFilterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    public void Rows_come_back_from_every_filter_as_the_specification_has_it(int step)
    {
        // Noise of few values has all orders and ties of the three neighbors, noise of many all sizes.
        Random random = new(5);
        foreach (int values in (int[])[3, 40, 256])
        {
            foreach (int pixels in (int[])[1, 5, 400])
            {
                byte[] above = Noise(pixels * step, values);
                byte[] row = Noise(pixels * step, values);
                for (byte filter = PngFilter.None; filter <= PngFilter.Paeth; filter++)
                {
                    byte[] filtered = Filter(filter, row, above, step);
                    PngFilter.Undo(filter, filtered, above, step);
                    Assert.Equal(row, filtered);
                }

                byte[] sub = new byte[row.Length];
                PngFilter.DoSub(row, step, sub);
                Assert.Equal(Filter(PngFilter.Sub, row, above, step), sub);
            }
        }

        byte[] Noise(int length, int values) => [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(values))];
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Rows_that_are_undone_together_come_back_too(int step)
    {
        Random random = new(7);
        foreach (int pixels in (int[])[1, 2, 5, 400])
        {
            // Mostly the fourth filter, as encoders choose for ultrasound; both an even and an odd number of such rows occur.
            int stride = 1 + (pixels * step);
            byte[][] plain = [.. Enumerable.Range(0, 40).Select(_ => Row(random.Next(2) == 0 ? 3 : 256))];
            byte[] filters = [.. plain.Select(_ => random.Next(4) == 0 ? (byte)random.Next(5) : PngFilter.Paeth)];
            byte[] rows = [0, .. plain[0], .. Enumerable.Range(1, 39).SelectMany(Stored)];
            PngFilter.Undo(rows, stride, step);
            Assert.All(plain, (row, y) => Assert.Equal(row, rows[((y * stride) + 1)..((y + 1) * stride)]));

            IEnumerable<byte> Stored(int y) => Filter(filters[y], plain[y], plain[y - 1], step).Prepend(filters[y]);

            byte[] Row(int values) => [.. Enumerable.Range(0, pixels * step).Select(_ => (byte)random.Next(values))];
        }
    }

    [Fact]
    public void A_filter_that_does_not_exist_is_damage() =>
        Assert.Throws<InvalidDataException>(() => PngFilter.Undo(5, new byte[3], new byte[3], 1));

    // Section 9 of the specification, word for word.
    private static byte[] Filter(byte filter, byte[] row, byte[] above, int step) =>
    [
        .. row.Select((x, i) =>
        {
            int a = i < step ? 0 : row[i - step];
            int b = above[i];
            int c = i < step ? 0 : above[i - step];
            return (byte)(x - filter switch
            {
                PngFilter.None => 0,
                PngFilter.Sub => a,
                PngFilter.Up => b,
                PngFilter.Average => (a + b) / 2,
                _ => Paeth(a, b, c),
            });
        }),
    ];

    private static int Paeth(int a, int b, int c)
    {
        int p = a + b - c;
        int pa = Math.Abs(p - a);
        int pb = Math.Abs(p - b);
        int pc = Math.Abs(p - c);
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }
}
