using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Memory;

namespace CMUNeXt.Engine.Kernels;

/// <summary>
/// A value for each channel, each channel block written twice, so that a vector of any width finds what belongs to its lanes.
/// </summary>
internal sealed unsafe class PerChannel : IDisposable
{
    private readonly NativeBuffer values;

    /// <summary>Takes the values; channel blocks are filled up with zeros.</summary>
    public PerChannel(int channels, Func<int, double> value)
    {
        values = new NativeBuffer((channels + 7) / 8 * 16);
        for (int c = 0; c < channels; c++)
        {
            float* place = values.Data + (c / 8 * 16) + (c % 8);
            place[0] = place[8] = (float)value(c);
        }
    }

    /// <summary>The sixteen values of a channel block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* At(int block) => values.Data + (block * 16);

    /// <inheritdoc/>
    public void Dispose() => values.Dispose();
}
