using CMUNeXt.Images;
using CMUNeXt.Networks;
using CMUNeXt.Onnx.Format;
using CMUNeXt.Tensors;
using CMUNeXt.Weights;
using Google.Protobuf;

namespace CMUNeXt.Onnx.Tests;

/// <summary>A CMUNeXt of an unusual, small configuration, with weights by seed.</summary>
internal static class SmallNetwork
{
    public static NetworkDescription Describe(int channels = 3, int outputs = 1) => new()
    {
        Name = "cmunext",
        Channels = channels,
        Outputs = outputs,
        Configuration = new CMUNeXtConfiguration([2, 3, 4, 5, 6], [1, 2, 1, 1, 1], [3, 5, 1, 7, 9]),
    };

    /// <summary>Weights with statistics and counts that are not those of a fresh network.</summary>
    public static StateDict Weights(NetworkDescription description)
    {
        int place = 0;
        return new StateDict(
            ExpectedTensor.Of(description.Configuration!.Layers(description.Channels, description.Outputs)).Select(tensor =>
            tensor.Type == ElementType.Int64
                ? new WeightTensor(tensor.Name, tensor.Type, [], BitConverter.GetBytes(17_100L + place++))
                : new WeightTensor(tensor.Name, tensor.Shape, CMUNeXt.Tests.Formula.Fill(tensor.Name, tensor.Shape, place++))));
    }

    public static WeightsMetadata Metadata(NetworkDescription description) => new()
    {
        Network = description,
        Preprocessing = Preprocessing.For(description.Channels),
        Threshold = 0.4,
        DataSet = "BUSI",
        License = "CC-BY-4.0",
    };

    /// <summary>The bytes of a model.</summary>
    public static byte[] Write(NetworkDescription description, OnnxExportOptions options) =>
        OnnxFile.Build(Weights(description), Metadata(description), options).ToByteArray();

    /// <summary>A model that can be changed.</summary>
    public static ModelProto Build(NetworkDescription description, OnnxExportOptions? options = null) =>
        OnnxFile.Build(Weights(description), Metadata(description), options ?? new OnnxExportOptions());
}
