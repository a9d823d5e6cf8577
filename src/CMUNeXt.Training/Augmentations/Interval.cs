using CMUNeXt.Numerics;

namespace CMUNeXt.Training.Augmentations;

/// <summary>From where to where a strength is drawn.</summary>
/// <param name="Least">The least.</param>
/// <param name="Most">The most, at least the least.</param>
public readonly record struct Interval(double Least, double Most)
{
    /// <summary>Draws a number; each is as likely as another.</summary>
    internal double Draw(ref RandomSequence random) => Least + ((Most - Least) * random.NextDouble());

    /// <summary>Draws a factor; each ratio is as likely as another, so that 2 comes as often as 1 / 2.</summary>
    internal double DrawFactor(ref RandomSequence random) => Math.Exp(new Interval(Math.Log(Least), Math.Log(Most)).Draw(ref random));

    /// <summary>Whether it is one of factors.</summary>
    internal bool IsOfFactors => Least > 0 && Most >= Least && double.IsFinite(Most);
}
