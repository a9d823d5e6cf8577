using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CMUNeXt.Extensions;

/// <summary>Puts a segmenter into a host.</summary>
public static class ServiceCollectionExtensions
{
    /// <summary>
    /// Adds one <see cref="ISegmenter"/> for the whole program, which tells its logger, its meter and its activity source
    /// (<see cref="SegmenterTelemetry"/>) of every call; and the <see cref="Segmenter"/> below it, which tells of the weights. The
    /// container disposes of both.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">States the weights; null where the options are configured elsewhere.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="OptionsValidationException">
    /// When a segmenter is first asked for, or the host starts: not one of <see cref="CMUNeXtOptions.WeightsPath"/> and
    /// <see cref="CMUNeXtOptions.Weights"/> is given, the path is empty, or a number is out of its range.
    /// </exception>
    /// <exception cref="IOException">
    /// At the same time: the weights cannot be used (<see cref="Segmenter.Load(string, SegmenterOptions?)"/>).
    /// </exception>
    public static IServiceCollection AddCMUNeXt(this IServiceCollection services, Action<CMUNeXtOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<CMUNeXtOptions> options = services.AddOptions<CMUNeXtOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        options.Validate(
            static given => given.WeightsPath is null != given.Weights is null, "CMUNeXt: give either WeightsPath or Weights.");
        options.Validate(static given => given.WeightsPath != "", "CMUNeXt: WeightsPath is empty; name a file.");
        options.Validate(static given => given.Threads is null or >= 1, "CMUNeXt: Threads is at least 1.");
        options.Validate(static given => given.Threshold is null or (>= 0 and <= 1), "CMUNeXt: Threshold is from 0 to 1.");
        services.TryAddSingleton<SegmenterLoading>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<SegmenterLoading>().Load());
        services.TryAddSingleton(static provider => new SegmenterTelemetry(provider.GetService<IMeterFactory>()));
        services.TryAddSingleton<ISegmenter>(static provider => new ObservedSegmenter(
            provider.GetRequiredService<Segmenter>(), provider.GetRequiredService<SegmenterTelemetry>(),
            provider.GetService<ILogger<ObservedSegmenter>>() ?? NullLogger<ObservedSegmenter>.Instance));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SegmenterWarmUp>());
        return services;
    }
}
