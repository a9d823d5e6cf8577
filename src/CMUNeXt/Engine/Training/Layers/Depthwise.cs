using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Training.Memory;
using CMUNeXt.Engine.Training.Stages;
using CMUNeXt.Engine.Vectors;

namespace CMUNeXt.Engine.Training.Layers;

/// <summary>A depthwise convolution of a source: what its passes in both directions share.</summary>
internal sealed unsafe class Depthwise<TSimd, TVector> : IDisposable
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    // The memory of a task stays in the second-level cache.
    private const int Budget = 64 * 1024;

    private readonly NativeBuffer weights;
    private readonly NativeBuffer turned;
    private readonly NativeBuffer biases;

    /// <summary>Makes room for the weights.</summary>
    public Depthwise(Source<TSimd, TVector> input, Stage<TSimd, TVector> output, int kernel)
    {
        Input = input;
        Output = output;
        Kernel = kernel;
        nint rowSize = Window<TSimd, TVector>.Size(1, 1, input.Width, kernel / 2);
        int most = (int)Math.Clamp((Budget / rowSize) - (2 * (kernel / 2)), Math.Min(kernel, input.Height), input.Height);
        int bands = (input.Height + most - 1) / most;
        Rows = (input.Height + bands - 1) / bands;
        weights = new NativeBuffer(input.Blocks * WeightsSize);
        turned = new NativeBuffer(input.Blocks * WeightsSize);
        biases = new NativeBuffer((input.Blocks + 1) * 16);
    }

    public Source<TSimd, TVector> Input { get; }

    public Stage<TSimd, TVector> Output { get; }

    public int Kernel { get; }

    /// <summary>Rows that a piece of work computes of one channel block.</summary>
    public int Rows { get; }

    public int Bands => (Input.Height + Rows - 1) / Rows;

    /// <summary>Channels x 1 x kernel x kernel.</summary>
    public required Parameter Weight { get; init; }

    public required Parameter Bias { get; init; }

    private nint WeightsSize => (nint)Kernel * Kernel * 16;

    /// <summary>Sixteen values for each weight of a channel block.</summary>
    public float* Weights(int block) => weights.Data + (block * WeightsSize);

    /// <summary>The same from the last weight to the first.</summary>
    public float* Turned(int block) => turned.Data + (block * WeightsSize);

    /// <summary>Sixteen values of a channel block.</summary>
    public float* Biases(int block) => biases.Data + (block * 16);

    /// <summary>Sixteen zeros.</summary>
    public float* NoBiases => biases.Data + (Input.Blocks * 16);

    /// <summary>Takes the weights as they are now.</summary>
    public void Pack()
    {
        int area = Kernel * Kernel;
        for (int place = 0; place < Input.Blocks * 8; place++)
        {
            if (Input.Channels[place] is var c && c < 0)
            {
                continue;
            }

            int lane = place % 8;
            Biases(place / 8)[lane] = Biases(place / 8)[lane + 8] = Bias.Value[c];
            for (int position = 0; position < area; position++)
            {
                float w = Weight.Value[(c * area) + position];
                float* t = Weights(place / 8) + (position * 16) + lane;
                t[0] = t[8] = w;
                t = Turned(place / 8) + ((area - 1 - position) * 16) + lane;
                t[0] = t[8] = w;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        weights.Dispose();
        turned.Dispose();
        biases.Dispose();
    }
}
