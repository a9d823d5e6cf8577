using CMUNeXt.Files;
using CMUNeXt.Images;
using CMUNeXt.Tests;

namespace CMUNeXt.Imaging.Tests;

public sealed class SegmenterFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Files_come_in_their_order_and_a_bad_one_stops_no_other()
    {
        string[] paths = [.. Enumerable.Range(0, 9).Select(i => folder.File($"{i}.png"))];
        foreach ((int i, string path) in paths.Index())
        {
            ImageFile.SavePng(path, new Image(10 + i, 8, 1, [.. Enumerable.Repeat((byte)(10 * i), (10 + i) * 8)]));
        }

        File.WriteAllText(paths[4], "no image");
        File.Delete(paths[6]);
        List<SegmentedFile> found = await new Brightness().SegmentFilesAsync(paths, cancellation: Stop).ToListAsync(Stop);
        Assert.Equal(paths, found.Select(file => file.Path));
        foreach ((int i, SegmentedFile file) in found.Index())
        {
            if (i is 4 or 6)
            {
                Assert.Null(file.Segmentation);
                BadFile.Check(file.Failure!, paths[i], i == 4 ? "not an image" : "no such file");
            }
            else
            {
                Assert.Null(file.Failure);
                Assert.Equal(10 + i, file.Image!.Width);
                Assert.Equal(10 * i / 255f, file.Segmentation!.Probabilities[0][0], 6);
            }
        }
    }

    [Fact]
    public async Task Where_the_list_of_files_fails_those_before_have_their_results()
    {
        string path = folder.File("a.png");
        ImageFile.SavePng(path, SomeImage.Noise(9, 9, 1));
        int found = 0;
        await Assert.ThrowsAsync<UnauthorizedAccessException>(async () =>
        {
            await foreach (SegmentedFile file in new Brightness().SegmentFilesAsync(Paths(), cancellation: Stop))
            {
                Assert.Null(file.Failure);
                found++;
            }
        });
        Assert.Equal(Environment.ProcessorCount + 1, found);

        IEnumerable<string> Paths()
        {
            for (int i = 0; i <= Environment.ProcessorCount; i++)
            {
                yield return path;
            }

            throw new UnauthorizedAccessException();
        }
    }

    [Fact]
    public async Task Whoever_no_longer_wants_the_results_gets_none()
    {
        string path = folder.File("a.png");
        ImageFile.SavePng(path, SomeImage.Noise(9, 9, 1));
        CancellationToken canceled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await new Brightness().SegmentFilesAsync([path], cancellation: canceled).ToListAsync(Stop));
    }

    [Fact]
    public async Task Who_leaves_is_not_held_by_files_that_are_under_way()
    {
        string[] paths = [folder.File("a.png"), folder.File("b.png")];
        ImageFile.SavePng(paths[0], SomeImage.Noise(9, 9, 1));
        ImageFile.SavePng(paths[1], SomeImage.Noise(10, 9, 1));
        await Leave().WaitAsync(TimeSpan.FromMinutes(1), Stop);

        async Task Leave()
        {
            Brightness segmenter = new() { Endless = 10 };
            await foreach (SegmentedFile file in segmenter.SegmentFilesAsync(paths, cancellation: Stop))
            {
                Assert.Equal(paths[0], file.Path);
                break;
            }
        }
    }

    [Fact]
    public async Task A_stream_is_read_to_its_end_and_no_further_than_the_limit()
    {
        Image image = SomeImage.Noise(300, 200, 3);
        byte[] encoded = ImageFile.EncodePng(image);
        using MemoryStream stream = new([0, 0, .. encoded]) { Position = 2 };
        Assert.Equal(image.Pixels, (await ImageFile.LoadAsync(stream, cancellation: Stop)).Pixels);
        stream.Position = 0;
        BadFile.Check(
            await Assert.ThrowsAsync<BadFileException>(() => ImageFile.LoadAsync(stream, "the body", cancellation: Stop)), "the body",
            "not an image");
        stream.Position = 2;
        ImageLimits small = ImageLimits.Default with { Bytes = encoded.Length - 1 };
        BadFile.Check(
            await Assert.ThrowsAsync<BadFileException>(() => ImageFile.LoadAsync(stream, "the body", small, Stop)), "the body",
            $"more than the {encoded.Length - 1} bytes");
        CancellationToken canceled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ImageFile.LoadAsync(stream, cancellation: canceled));
    }

    // By the pool, where a window's own thread called.
    [Fact]
    public async Task A_stream_in_memory_is_not_decoded_by_the_thread_that_asks()
    {
        NotedDecoder decoder = new();
        ImageFile.Add(decoder);
        using MemoryStream stream = new(NotedDecoder.File);
        Task<Image>? loading = null;
        Thread caller = new(() => loading = ImageFile.LoadAsync(stream));
        caller.Start();
        caller.Join();
        Assert.Equal(1, (await loading!).Width);
        Assert.True(decoder.IsOfPool);
    }

    /// <summary>Takes brightness for probability.</summary>
    private sealed class Brightness : ISegmenter
    {
        /// <summary>The width of images that it is never done with.</summary>
        public int Endless { get; init; }

        public Segmentation Segment(PixelBuffer pixels, CancellationToken cancellation = default)
        {
            cancellation.ThrowIfCancellationRequested();
            float[] probability = [.. pixels.Pixels.ToArray().Select(value => value / 255f)];
            return Segmentation.FromProbability(pixels.Width, pixels.Height, probability);
        }

        public Segmentation Segment(Image image, CancellationToken cancellation = default) => Segment(new PixelBuffer(image), cancellation);

        public async Task<Segmentation> SegmentAsync(Image image, CancellationToken cancellation = default)
        {
            if (image.Width == Endless)
            {
                await Task.Delay(Timeout.Infinite, cancellation);
            }

            return await Task.Run(() => Segment(image, cancellation), cancellation);
        }
    }

    /// <summary>Reads one file of its own, and notes whether a thread of the pool asked it to.</summary>
    private sealed class NotedDecoder : ImageDecoder
    {
        public static byte[] File { get; } = [.. "noted"u8];

        public bool IsOfPool { get; private set; }

        public override ImageFormat Format => ImageFormat.Gif;

        public override bool Recognizes(ReadOnlyMemory<byte> file) => file.Span.SequenceEqual(File);

        public override EncodedImage Open(ReadOnlyMemory<byte> file)
        {
            IsOfPool = Thread.CurrentThread.IsThreadPoolThread;
            return new Encoded();
        }

        private sealed class Encoded() : EncodedImage(new ImageInfo(ImageFormat.Gif, 1, 1, PixelLayout.Gray, 8, 1), orientation: 1)
        {
            protected override Image Read(ImageLimits limits, bool gray) => new(1, 1, 1, [0]);
        }
    }
}
