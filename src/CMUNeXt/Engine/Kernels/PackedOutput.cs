namespace CMUNeXt.Engine.Kernels;

/// <summary>Where the weights of one output lie in a <see cref="PackedMatrix"/>.</summary>
internal readonly unsafe struct PackedOutput(float* first, int stride, bool pairs)
{
    /// <summary>Sets the weight of an input.</summary>
    public void Set(int input, double value) => first[pairs ? (input / 2 * 16) + (input % 2) : (nint)input * stride] = (float)value;
}
