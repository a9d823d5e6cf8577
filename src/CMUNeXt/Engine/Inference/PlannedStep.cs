using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;

namespace CMUNeXt.Engine.Inference;

/// <summary>A step before it is known where its feature maps lie.</summary>
/// <param name="Read">The maps that it reads, as <see cref="FeatureMapLayout"/> numbers them.</param>
/// <param name="Written">The maps that it writes.</param>
/// <param name="Bind">Makes the step, given all maps.</param>
internal sealed record PlannedStep(int[] Read, int[] Written, Func<FeatureMap[], CountedStep> Bind)
{
    /// <summary>The step itself, or one that clears the margins of what it writes too.</summary>
    public CountedStep WithMargins(CountedStep step, FeatureMap[] maps)
    {
        FeatureMap[] margins = [.. Written.Select(map => maps[map]).Where(map => map.Margin > 0)];
        return margins.Length == 0 ? step : new ClearingStep { Name = step.Name, Step = step, Written = margins };
    }
}
