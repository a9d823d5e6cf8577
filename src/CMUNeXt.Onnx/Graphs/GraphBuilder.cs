using System.Runtime.InteropServices;
using CMUNeXt.Onnx.Format;
using Google.Protobuf;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>Writes a graph node by node. A node's only output has the node's name unless it is given one.</summary>
internal sealed class GraphBuilder(string name, int opset)
{
    private readonly HashSet<string> constants = [];

    public GraphProto Graph { get; } = new() { Name = name };

    /// <summary>The operator set in which the graph is written.</summary>
    public int Opset { get; } = opset;

    /// <summary>Adds a node and gives the name of its output.</summary>
    public string Add(string operation, string name, string[] inputs, AttributeProto[]? attributes = null, string? output = null)
    {
        NodeProto node = new() { OpType = operation, Name = name };
        node.Input.AddRange(inputs);
        node.Output.Add(output ?? name);
        node.Attribute.AddRange(attributes ?? []);
        Graph.Node.Add(node);
        return output ?? name;
    }

    /// <summary>A constant, added once for each name.</summary>
    public string Constant<T>(string name, TensorProto.Types.DataType type, long[] shape, T[] values)
        where T : unmanaged
    {
        if (constants.Add(name))
        {
            TensorProto tensor = new() { DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())) };
            tensor.Dims.AddRange(shape);
            Add("Constant", name, [],
                [new AttributeProto { Name = "value", T = tensor, Type = AttributeProto.Types.AttributeType.Tensor }]);
        }

        return name;
    }

    /// <summary>A constant of float32.</summary>
    public string Constant(string name, long[] shape, params float[] values) =>
        Constant(name, TensorProto.Types.DataType.Float, shape, values);

    public static AttributeProto Attribute(string name, float value) =>
        new() { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float };

    public static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String };

    public static AttributeProto Attribute(string name, params long[] values)
    {
        AttributeProto attribute = new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    /// <summary>An input or output of the graph; a dimension is a number, or a name where it is free.</summary>
    public static ValueInfoProto Value(string name, TensorProto.Types.DataType type, params (int? Size, string Name)[] dimensions)
    {
        TensorShapeProto shape = new();
        shape.Dim.AddRange(dimensions.Select(dimension => dimension.Size is { } size
            ? new TensorShapeProto.Types.Dimension { DimValue = size }
            : new TensorShapeProto.Types.Dimension { DimParam = dimension.Name }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }
}
