namespace CMUNeXt.Engine.Kernels;

/// <summary>Where the weight of an output, an input and a tap lies in a tensor.</summary>
/// <param name="Values">The weight of the first output, input and tap.</param>
/// <param name="Output">Floats from an output channel to the next.</param>
/// <param name="Input">Floats from an input channel to the next.</param>
/// <param name="Tap">Floats from a tap to the next.</param>
internal unsafe readonly record struct WeightView(nint Values, nint Output, nint Input, nint Tap)
{
    /// <summary>A convolution's weights, outputs x inputs x taps.</summary>
    public static WeightView Of(float* weights, int inputs, int taps) => new((nint)weights, (nint)inputs * taps, taps, 1);

    /// <summary>The same weights for the backward pass: inputs and outputs change places, and the kernel is turned round.</summary>
    public WeightView Transposed(int taps) => new((nint)((float*)Values + ((taps - 1) * Tap)), Input, Output, -Tap);
}
