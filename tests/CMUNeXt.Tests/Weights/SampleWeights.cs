using CMUNeXt.Images;
using CMUNeXt.Masks;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;

namespace CMUNeXt.Tests.Weights;

/// <summary>Small state dicts and metadata for the tests of the formats.</summary>
internal static class SampleWeights
{
    /// <summary>A tensor of each type, with a scalar, an empty tensor, and bits that a careless conversion would change.</summary>
    public static StateDict EveryType() => new(
    [
        Tensor("float32", ElementType.Float32, [2, 3]),
        // Negative zero, a signalling NaN with a payload, the smallest subnormal, minus infinity.
        new WeightTensor("odd.bits", ElementType.Float32, [4], Bytes(0x80000000, 0x7fa12345, 0x00000001, 0xff800000)),
        Tensor("scalar", ElementType.Int64, []),
        Tensor("empty", ElementType.Float32, [0, 4]),
        Tensor("float64", ElementType.Float64, [3]),
        Tensor("float16", ElementType.Float16, [5]),
        Tensor("bfloat16", ElementType.BFloat16, [3, 1]),
        Tensor("int8", ElementType.Int8, [3]),
        Tensor("uint8", ElementType.UInt8, [3]),
        Tensor("int16", ElementType.Int16, [2]),
        Tensor("int32", ElementType.Int32, [1, 2, 1]),
        Tensor("int64", ElementType.Int64, [2]),
        new WeightTensor("bool", ElementType.Bool, [3], new byte[] { 1, 0, 1 }),
        Tensor("naïve.重み", ElementType.Float32, [1]),
    ]);

    public static WeightsMetadata Metadata() => new()
    {
        Network = new NetworkDescription { Name = "cmunext-s", Channels = 1, Outputs = 4, Configuration = CMUNeXtConfiguration.Small },
        Preprocessing = new Preprocessing
        {
            Height = 96,
            Width = 160,
            Order = ChannelOrder.Gray,
            Mean = [0.25],
            StandardDeviation = [0.1],
            Divisor = 1,
        },
        Classes = ["benign", "malignant", "cyst"],
        Threshold = 0.4,
        Calibration = new LesionCalibration
        {
            Intercept = -7.5,
            Slope = 3.25,
            ShareSlope = 0.5,
            LeastIou = 0.5,
            Lesions = 300,
            ExpectedCalibrationErrors = [0.04, 0.03],
        },
        Presence = new PresenceThreshold { Score = -1.25, Specificity = 0.95, HealthyImages = 41, Sensitivity = 0.9 },
        CalibrationWithFlips = new LesionCalibration { Intercept = 0.25, Slope = 2, ShareSlope = 0.5, LeastIou = 0.5, Lesions = 200 },
        PresenceWithFlips = new PresenceThreshold { Score = -2.5, Specificity = 0.9, HealthyImages = 40 },
        DataSet = "BUSI",
        Metrics = new Dictionary<string, double> { ["iou"] = 0.7156, ["hd95"] = 12.5 },
        Recipe = "the published protocol",
        License = "CC-BY-4.0",
        IntendedUse = "research",
    };

    public static void AssertEqual(StateDict expected, StateDict actual)
    {
        Assert.Equal(expected.Select(t => t.Name), actual.Select(t => t.Name));
        foreach (WeightTensor tensor in expected)
        {
            WeightTensor other = actual[tensor.Name];
            Assert.Equal(tensor.Type, other.Type);
            Assert.Equal(tensor.Shape, other.Shape);
            Assert.True(tensor.Data.Span.SequenceEqual(other.Data.Span), $"{tensor.Name} differs");
        }
    }

    public static void AssertEqual(WeightsMetadata expected, WeightsMetadata? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Network, actual.Network);
        Assert.Equal(expected.Preprocessing.Height, actual.Preprocessing.Height);
        Assert.Equal(expected.Preprocessing.Width, actual.Preprocessing.Width);
        Assert.Equal(expected.Preprocessing.Order, actual.Preprocessing.Order);
        Assert.Equal(expected.Preprocessing.Mean, actual.Preprocessing.Mean);
        Assert.Equal(expected.Preprocessing.StandardDeviation, actual.Preprocessing.StandardDeviation);
        Assert.Equal(expected.Preprocessing.Divisor, actual.Preprocessing.Divisor);
        Assert.Equal(expected.Classes, actual.Classes);
        Assert.Equal(expected.Threshold, actual.Threshold);
        Assert.Equal(expected.DataSet, actual.DataSet);
        Assert.Equal(expected.Metrics, actual.Metrics);
        Assert.Equal(expected.Recipe, actual.Recipe);
        Assert.Equal(expected.License, actual.License);
        Assert.Equal(expected.IntendedUse, actual.IntendedUse);
        Assert.Equal(expected.Presence, actual.Presence);
        Assert.Equal(expected.PresenceWithFlips, actual.PresenceWithFlips);
        AssertEqual(expected.CalibrationWithFlips, actual.CalibrationWithFlips);
        AssertEqual(expected.Calibration, actual.Calibration);
    }

    private static void AssertEqual(LesionCalibration? expected, LesionCalibration? actual)
    {
        Assert.Equal(expected?.ExpectedCalibrationErrors, actual?.ExpectedCalibrationErrors);
        Assert.Equal(
            expected is null ? null : expected with { ExpectedCalibrationErrors = [] },
            actual is null ? null : actual with { ExpectedCalibrationErrors = [] });
    }

    private static WeightTensor Tensor(string name, ElementType type, int[] shape)
    {
        byte[] data = new byte[shape.Aggregate(1, (a, b) => a * b) * type.Size()];
        for (int i = 0; i < data.Length; i++)
        {
            data[i] = (byte)(17 + (37 * i) + name.Length);
        }

        return new WeightTensor(name, type, shape, data);
    }

    private static byte[] Bytes(params uint[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
