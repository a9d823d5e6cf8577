using CMUNeXt.Files;
using CMUNeXt.Images;

namespace CMUNeXt.Imaging.Tests;

public sealed class ImageReaderTests
{
    public static TheoryData<Exception, string> Failures => new()
    {
        { new InvalidDataException("a damaged PNG"), "the file: a damaged PNG" },
        { new OverflowException("index\nout of range"), "the file: damaged: its decoder stopped (index out of range); "
            + "copy it again from its source" },
        { new ArgumentOutOfRangeException("start", "beyond"), "the file: damaged: its decoder stopped (beyond (Parameter 'start')); "
            + "copy it again from its source" },
        { new InsufficientMemoryException(), "the file: there is not enough memory to decode it: make the image smaller" },
    };

    // Whatever a decoder does, it is one file's failure.
    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public void Whatever_a_decoder_throws_is_one_line_that_names_the_file(Exception failure, string message)
    {
        foreach (bool atOnce in new[] { true, false })
        {
            ImageReader reader = new(new Failing(failure, atOnce));
            Assert.Equal(message, Assert.Throws<BadFileException>(() => reader.Decode(new byte[1], "the file")).Message);
            Assert.Equal(message, Assert.Throws<BadFileException>(() => reader.DecodeGray(new byte[1], "the file")).Message);
        }
    }

    // The second comes while the first is asked for its format, in the midst of its addition.
    [Fact]
    public void A_decoder_that_is_added_while_another_is_stays()
    {
        ImageReader reader = new(new Named(ImageFormat.Png));
        bool isAdded = false;
        reader.Add(new Named(ImageFormat.Jpeg, () =>
        {
            if (!isAdded)
            {
                isAdded = true;
                reader.Add(new Named(ImageFormat.Bmp));
            }
        }));
        foreach (ImageFormat format in new[] { ImageFormat.Png, ImageFormat.Jpeg, ImageFormat.Bmp })
        {
            BadFileException e = Assert.Throws<BadFileException>(() => reader.Decode(new[] { (byte)format }, "the file"));
            Assert.Equal($"the file: {format}", e.Message);
        }
    }

    /// <summary>Recognizes the number of its format, and opens nothing.</summary>
    private sealed class Named(ImageFormat format, Action? isAsked = null) : ImageDecoder
    {
        public override ImageFormat Format
        {
            get
            {
                isAsked?.Invoke();
                return format;
            }
        }

        public override bool Recognizes(ReadOnlyMemory<byte> file) => file.Span[0] == (byte)format;

        public override EncodedImage Open(ReadOnlyMemory<byte> file) => throw new InvalidDataException(format.ToString());
    }

    private sealed class Failing(Exception failure, bool atOnce) : ImageDecoder
    {
        public override ImageFormat Format => ImageFormat.Png;

        public override bool Recognizes(ReadOnlyMemory<byte> file) => true;

        public override EncodedImage Open(ReadOnlyMemory<byte> file) => atOnce ? throw failure : new Encoded(failure);

        private sealed class Encoded(Exception failure) : EncodedImage(new ImageInfo(ImageFormat.Png, 1, 1, PixelLayout.Gray, 8, 1), 1)
        {
            protected override Image Read(ImageLimits limits, bool gray) => throw failure;
        }
    }
}
