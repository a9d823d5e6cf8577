using CMUNeXt.Tensors;

namespace CMUNeXt.Tests.Engine.Training;

/// <summary>Values in double precision, images x channels x height x width, and the gradient of a loss with respect to them.</summary>
internal sealed class PlainMap(int images, int channels, int height, int width)
{
    public int Images => images;

    public int Channels => channels;

    public int Height => height;

    public int Width => width;

    public int Plane => height * width;

    public double[] Values { get; } = new double[images * channels * height * width];

    public double[] Gradient { get; } = new double[images * channels * height * width];

    /// <summary>A map of given values.</summary>
    public static PlainMap Of(float[] values, int images, int channels, int height, int width)
    {
        PlainMap map = new(images, channels, height, width);
        values.CopyTo(map.Values, 0);
        return map;
    }

    /// <summary>The values of a tensor, whatever its shape.</summary>
    public static PlainMap Of(WeightTensor tensor) => Of(tensor.ToSingles(), 1, tensor.Count, 1, 1);

    /// <summary>A map of the same shape.</summary>
    public PlainMap Like() => new(images, channels, height, width);

    /// <summary>The place of the first value of a plane.</summary>
    public int Start(int image, int channel) => ((image * channels) + channel) * Plane;
}
