using System.Runtime.CompilerServices;
using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Passes;

/// <summary>
/// The transformed weights of a 3x3 convolution: a matrix for each of the 36 points. They change with each iteration, so tasks share in
/// packing them.
/// </summary>
internal sealed unsafe class WinogradWeights<TSimd, TVector> : IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private const int MostLanes = 32;

    private readonly ChannelPlaces inputs;
    private readonly ChannelPlaces outputs;
    private readonly PackedWeights[] points;

    /// <summary>Makes room.</summary>
    public WinogradWeights(ChannelPlaces inputs, ChannelPlaces outputs)
    {
        this.inputs = inputs;
        this.outputs = outputs;
        points = [.. Enumerable.Range(0, Winograd.Points).Select(_ => new PackedWeights(inputs, outputs, 1, TSimd.Lanes))];
    }

    /// <summary>Channel blocks of inputs.</summary>
    public int InputBlocks => inputs.Blocks;

    /// <summary>Channel blocks of outputs.</summary>
    public int OutputBlocks => outputs.Blocks;

    /// <summary>Channel blocks that outputs need room for.</summary>
    public int Room => points[0].Room;

    /// <summary>Takes the weights of a channel block of inputs as they are now.</summary>
    public void Pack(WeightView view, int block)
    {
        float* kernels = stackalloc float[9 * MostLanes];
        float* transformed = stackalloc float[Winograd.Points * MostLanes];
        for (int input = block * 8; input < (block + 1) * 8; input++)
        {
            for (int first = 0; first < Room; first += points[0].Panel(first))
            {
                int width = points[0].Panel(first) * 8;
                Gather(view, inputs[input], first * 8, width, kernels);
                for (int lane = 0; lane < width; lane += TSimd.Lanes)
                {
                    WinogradGradients<TSimd, TVector>.Kernels(kernels + lane, MostLanes, transformed + lane, MostLanes);
                }

                for (int point = 0; point < points.Length; point++)
                {
                    new ReadOnlySpan<float>(transformed + (point * MostLanes), width).CopyTo(
                        new Span<float>(points[point].Row(first, input), width));
                }
            }
        }
    }

    /// <summary>Multiplies the transforms of some tiles at a point.</summary>
    public void Multiply(int point, in TileMap<TSimd, TVector> source, in TileMap<TSimd, TVector> target, int tiles) =>
        points[point].Multiply<TSimd, TVector>(
            source.At(point, 0, 0),
            source.BlockStride,
            0,
            target.At(point, 0, 0),
            target.BlockStride,
            0,
            1,
            (tiles + 15) / 16 * 16,
            (0, InputBlocks),
            (0, Room),
            false);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PackedWeights point in points)
        {
            point.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Gather(WeightView view, int input, int first, int width, float* kernels)
    {
        for (int n = 0; n < width; n++)
        {
            int output = outputs[first + n];
            float* source = (float*)view.Values + (output * view.OutputStride) + (input * view.InputStride);
            for (int position = 0; position < 9; position++)
            {
                kernels[(position * MostLanes) + n] = input < 0 || output < 0 ? 0 : source[position * view.PositionStride];
            }
        }
    }
}
