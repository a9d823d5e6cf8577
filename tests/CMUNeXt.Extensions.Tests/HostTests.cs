using System.Diagnostics;
using System.Diagnostics.Metrics;
using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Tests;
using CMUNeXt.Weights;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CMUNeXt.Extensions.Tests;

public sealed class HostTests
{
    private static readonly Image Blank = new(60, 40, 1, new byte[60 * 40]);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_host_segments_as_the_library_does_and_disposes_of_all()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddCMUNeXt(options => options.Weights = Pretrained.BreastUltrasound);
        ISegmenter segmenter;
        await using (WebApplication host = builder.Build())
        {
            segmenter = host.Services.GetRequiredService<ISegmenter>();
            Assert.Same(segmenter, host.Services.GetRequiredService<ISegmenter>());
            using Segmenter plain = Segmenter.Load(Pretrained.BreastUltrasound);
            Segmentation expected = plain.Segment(Blank);
            Assert.Equal(expected.Probabilities[0], segmenter.Segment(Blank, Stop).Probabilities[0]);
            Assert.Equal(expected.Probabilities[0], (await segmenter.SegmentAsync(Blank, Stop)).Probabilities[0]);
            List<Segmentation> loop = await segmenter.SegmentAsync(Three(), Stop).ToListAsync(Stop);
            Assert.Equal([expected.Presence, expected.Presence, expected.Presence], loop.Select(found => found.Presence));
        }

        Assert.Throws<ObjectDisposedException>(() => segmenter.Segment(Blank));

        static async IAsyncEnumerable<Image> Three()
        {
            for (int i = 0; i < 3; i++)
            {
                await Task.Yield();
                yield return Blank;
            }
        }
    }

    [Fact]
    public async Task Options_come_from_the_configuration_and_are_checked()
    {
        Dictionary<string, string?> settings = new()
        {
            ["CMUNeXt:WeightsPath"] = Repository.Path("src", "CMUNeXt.Pretrained", "breast-ultrasound.safetensors"),
            ["CMUNeXt:Threads"] = "1",
            ["CMUNeXt:Threshold"] = "0.25",
        };
        await using (WebApplication host = Build(settings))
        {
            Assert.Equal(0.25, host.Services.GetRequiredService<Segmenter>().Threshold);
        }

        settings["CMUNeXt:Threads"] = "0";
        await Refused<OptionsValidationException>(settings, "Threads is at least 1");
        settings.Remove("CMUNeXt:Threads");
        settings["CMUNeXt:Threshold"] = "1.5";
        await Refused<OptionsValidationException>(settings, "Threshold is from 0 to 1");
        settings.Remove("CMUNeXt:Threshold");
        settings["CMUNeXt:WeightsPath"] = "missing.safetensors";
        await Refused<FileNotFoundException>(settings, "missing.safetensors: there is no such file");
        settings.Remove("CMUNeXt:WeightsPath");
        await Refused<OptionsValidationException>(settings, "give either WeightsPath or Weights");
    }

    [Fact]
    public async Task What_presence_leaves_out_is_outlined_where_the_options_ignore_it()
    {
        LoadedWeights loaded = Pretrained.BreastUltrasound;
        PresenceThreshold presence = new() { Score = 1000, Specificity = 0.95, HealthyImages = 20 };
        LoadedWeights weights = new(loaded.Path, loaded.State, loaded.Describe() with { Presence = presence }, default);
        LoadedWeights withFlips = new(
            loaded.Path, loaded.State, loaded.Describe() with { Presence = null, PresenceWithFlips = presence }, default);
        Assert.Equal(0, await AreaOf(weights, ignorePresence: false));
        Assert.Equal(Blank.Width * Blank.Height, await AreaOf(weights, ignorePresence: true));
        Assert.Equal(0, await AreaOf(withFlips, ignorePresence: false, flips: true));
        Assert.Equal(Blank.Width * Blank.Height, await AreaOf(withFlips, ignorePresence: false));

        // Every pixel has a probability above 0.
        async Task<int> AreaOf(LoadedWeights weights, bool ignorePresence, bool flips = false)
        {
            await using WebApplication host = Build(new(), options =>
            {
                options.Weights = weights;
                options.Threshold = 0;
                options.IgnorePresence = ignorePresence;
                options.Flips = flips;
            });
            return host.Services.GetRequiredService<ISegmenter>().Segment(Blank, Stop).Area;
        }
    }

    [Fact]
    public async Task A_host_that_warms_up_says_what_it_serves_and_starts_with_no_weights_that_are_missing()
    {
        Lines lines = new();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(lines);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddCMUNeXt(options => options.Weights = Pretrained.BreastUltrasound);
        await using WebApplication host = builder.Build();
        await host.StartAsync(Stop);
        using Segmenter plain = Segmenter.Load(Pretrained.BreastUltrasound);
        Assert.Contains(lines.Written, line => line.Contains(
            $"{plain.Model} is ready: {plain.Preprocessing.Width} x {plain.Preprocessing.Height} pixels, threshold {plain.Threshold}",
            StringComparison.Ordinal));

        await using WebApplication broken = Build(new() { ["CMUNeXt:WeightsPath"] = "missing.safetensors" });
        await Assert.ThrowsAsync<FileNotFoundException>(() => broken.StartAsync(Stop));
        await using WebApplication late = Build(
            new() { ["CMUNeXt:WeightsPath"] = "missing.safetensors", ["CMUNeXt:WarmUp"] = "false" });
        await late.StartAsync(Stop);
    }

    [Theory]
    [InlineData(ServiceLifetime.Singleton)]
    [InlineData(ServiceLifetime.Scoped)]
    public async Task A_host_with_a_double_starts_without_the_weights(ServiceLifetime lifetime)
    {
        await using WebApplication host = Wrapped(
            options => options.WeightsPath = "missing.safetensors", new(typeof(ISegmenter), typeof(NoLesions), lifetime));
        await host.StartAsync(Stop);
        await using AsyncServiceScope scope = host.Services.CreateAsyncScope();
        Assert.Equal(0, scope.ServiceProvider.GetRequiredService<ISegmenter>().Segment(Blank, Stop).Area);
    }

    [Fact]
    public async Task A_segmenter_around_the_host_s_own_is_warmed_up()
    {
        Lines lines = new();
        await using WebApplication host = Wrapped(
            options => options.Weights = Pretrained.BreastUltrasound,
            ServiceDescriptor.Singleton<ISegmenter>(provider => new Around(provider.GetRequiredService<Segmenter>())),
            lines);
        await host.StartAsync(Stop);
        Assert.Contains(lines.Written, line => line.Contains("cmunext-s is ready", StringComparison.Ordinal));
    }

    // By the pool, where a window's own thread starts its host.
    [Fact]
    public async Task The_thread_that_starts_a_host_does_not_warm_it_up()
    {
        CancellationToken stop = Stop;
        bool? isOfPool = null;
        await using WebApplication host = Wrapped(
            options => options.WeightsPath = "missing.safetensors",
            ServiceDescriptor.Singleton<ISegmenter>(_ =>
            {
                isOfPool = Thread.CurrentThread.IsThreadPoolThread;
                return new NoLesions();
            }));
        Task? starting = null;
        Thread caller = new(() => starting = host.StartAsync(stop));
        caller.Start();
        caller.Join();
        await starting!;
        Assert.True(isOfPool);
    }

    [Fact]
    public async Task Each_call_is_measured_and_traced_by_its_outcome()
    {
        List<(string Name, double Value, string? Outcome)> measured = [];
        List<Activity> traced = [];
        await using WebApplication host = Build(new(), options => options.Weights = Pretrained.BreastUltrasound);
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, self) =>
        {
            // Other tests have hosts, and so meters, of their own.
            if (instrument.Meter.Name == SegmenterTelemetry.Name && instrument.Meter.Scope == host.Services.GetService<IMeterFactory>())
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
            measured.Add((instrument.Name, value, OutcomeOf(tags))));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) =>
            measured.Add((instrument.Name, value, OutcomeOf(tags))));
        listener.Start();
        using Activity root = new Activity("test").Start();
        using ActivityListener activities = new()
        {
            ShouldListenTo = source => source.Name == SegmenterTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.RootId == root.RootId)
                {
                    traced.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(activities);

        ISegmenter segmenter = host.Services.GetRequiredService<ISegmenter>();
        segmenter.Segment(Blank, Stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => segmenter.SegmentAsync(Blank, new CancellationToken(canceled: true)));
        host.Services.GetRequiredService<Segmenter>().Dispose();
        Assert.Throws<ObjectDisposedException>(() => segmenter.Segment(Blank));

        (string Name, double Value, string? Outcome)[] durations = [.. measured.Where(one => one.Name == "cmunext.segment.duration")];
        Assert.Equal(["none", "canceled", "failed"], durations.Select(one => one.Outcome));
        Assert.All(durations, one => Assert.True(one.Value >= 0));
        Assert.Equal(
            [1, -1, 1, -1, 1, -1], measured.Where(one => one.Name == "cmunext.segment.active").Select(one => (int)one.Value));
        Assert.Equal(
            ["none", "canceled", "failed"], traced.Select(activity => (string?)activity.GetTagItem("cmunext.outcome")));
        Assert.Equal((60, 40), ((int)traced[0].GetTagItem("cmunext.image.width")!, (int)traced[0].GetTagItem("cmunext.image.height")!));
    }

    private static WebApplication Build(Dictionary<string, string?> settings, Action<CMUNeXtOptions>? configure = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddCMUNeXt(configure).Configure<CMUNeXtOptions>(builder.Configuration.GetSection("CMUNeXt"));
        return builder.Build();
    }

    private static WebApplication Wrapped(Action<CMUNeXtOptions> configure, ServiceDescriptor segmenter, ILoggerProvider? log = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Host.UseDefaultServiceProvider(static provider => provider.ValidateScopes = true);
        builder.Services.AddCMUNeXt(configure).Add(segmenter);
        return builder.Build();
    }

    private static async Task Refused<T>(Dictionary<string, string?> settings, string message)
        where T : Exception
    {
        await using WebApplication host = Build(settings);
        Assert.Contains(
            message, Assert.Throws<T>(() => host.Services.GetRequiredService<ISegmenter>()).Message, StringComparison.Ordinal);
    }

    private static string? OutcomeOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach ((string key, object? value) in tags)
        {
            if (key == "outcome")
            {
                return (string?)value;
            }
        }

        return null;
    }

    /// <summary>A double, as a program's tests have it.</summary>
    private sealed class NoLesions : ISegmenter
    {
        public Segmentation Segment(PixelBuffer pixels, CancellationToken cancellation = default) =>
            Segmentation.FromProbability(pixels.Width, pixels.Height, new float[pixels.Width * pixels.Height]);

        public Segmentation Segment(Image image, CancellationToken cancellation = default) =>
            Segment(new PixelBuffer(image), cancellation);

        public Task<Segmentation> SegmentAsync(Image image, CancellationToken cancellation = default) =>
            Task.FromResult(Segment(image, cancellation));
    }

    /// <summary>A program's own segmenter, which asks the host's.</summary>
    private sealed class Around(Segmenter inner) : ISegmenter
    {
        public Segmentation Segment(PixelBuffer pixels, CancellationToken cancellation = default) => inner.Segment(pixels, cancellation);

        public Segmentation Segment(Image image, CancellationToken cancellation = default) => inner.Segment(image, cancellation);

        public Task<Segmentation> SegmentAsync(Image image, CancellationToken cancellation = default) =>
            inner.SegmentAsync(image, cancellation);
    }

    /// <summary>Keeps what is logged.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        public List<string> Written { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Written)
            {
                Written.Add(formatter(state, exception));
            }
        }

        public void Dispose()
        {
        }
    }
}
