namespace CMUNeXt.Engine.Kernels;

/// <summary>Where the weight of an output, an input and a kernel position lies in a tensor.</summary>
/// <param name="Values">The weight of the first output, input and position.</param>
/// <param name="OutputStride">Floats from an output channel to the next.</param>
/// <param name="InputStride">Floats from an input channel to the next.</param>
/// <param name="PositionStride">Floats from a kernel position to the next.</param>
internal unsafe readonly record struct WeightView(nint Values, nint OutputStride, nint InputStride, nint PositionStride)
{
    /// <summary>A convolution's weights, outputs x inputs x kernel positions.</summary>
    public static WeightView Of(float* weights, int inputs, int positions) => new((nint)weights, (nint)inputs * positions, positions, 1);

    /// <summary>The same weights for the backward pass: inputs and outputs change places, and the kernel is turned round.</summary>
    public WeightView Transposed(int positions) =>
        new((nint)((float*)Values + ((positions - 1) * PositionStride)), InputStride, OutputStride, -PositionStride);
}
