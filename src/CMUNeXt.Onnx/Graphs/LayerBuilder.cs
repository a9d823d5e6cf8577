using CMUNeXt.Networks;
using CMUNeXt.Tensors;
using static CMUNeXt.Onnx.Graphs.GraphBuilder;
using DataType = CMUNeXt.Onnx.Format.TensorProto.Types.DataType;

namespace CMUNeXt.Onnx.Graphs;

/// <summary>
/// Writes layers of networks as ONNX operators, and notes the tensors that they take. Maps are batch x channels x height x width. A
/// layer's node has the name of its tensors' prefix, and each gives the name of its output.
/// </summary>
internal sealed class LayerBuilder(GraphBuilder graph)
{
    /// <summary>PyTorch's default, of batch and layer normalization alike.</summary>
    private const float Epsilon = 1e-5f;

    private List<ExpectedTensor> tensors = [];

    public GraphBuilder Graph { get; } = graph;

    /// <summary>
    /// The tensors of all layers so far, in the order of the state dict: that in which they are computed, unless it is changed.
    /// </summary>
    public IReadOnlyList<ExpectedTensor> Tensors => tensors;

    /// <summary>Puts the tensors in the order of ranks, and those of one rank as they were.</summary>
    public void Reorder(Func<string, int> rank) => tensors = [.. tensors.OrderBy(tensor => rank(tensor.Name))];

    /// <summary>Notes a tensor, and gives its name back.</summary>
    public string Tensor(string name, params int[] shape)
    {
        tensors.Add(new ExpectedTensor(name, shape, ElementType.Float32));
        return name;
    }

    /// <summary>A convolution that keeps the size, or divides it by the stride.</summary>
    public string Convolution(
        string name, string x, int input, int output, int kernel, int stride = 1, int dilation = 1, int groups = 1, bool bias = true,
        string? result = null)
    {
        List<string> inputs = [x, Tensor($"{name}.weight", output, input / groups, kernel, kernel)];
        if (bias)
        {
            inputs.Add(Tensor($"{name}.bias", output));
        }

        long pad = dilation * (kernel / 2);
        List<Format.AttributeProto> attributes =
            [Attribute("group", groups), Attribute("kernel_shape", [kernel, kernel]), Attribute("pads", [pad, pad, pad, pad])];
        if (stride > 1)
        {
            attributes.Add(Attribute("strides", [stride, stride]));
        }

        if (dilation > 1)
        {
            attributes.Add(Attribute("dilations", [dilation, dilation]));
        }

        return Graph.Add("Conv", name, [.. inputs], [.. attributes], result);
    }

    /// <summary>Batch normalization.</summary>
    public string Normalization(string name, string x, int channels)
    {
        string[] inputs = [x,
            .. ((string[])["weight", "bias", "running_mean", "running_var"]).Select(tensor => Tensor($"{name}.{tensor}", channels))];
        tensors.Add(new ExpectedTensor($"{name}.num_batches_tracked", [], ElementType.Int64));
        return Graph.Add("BatchNormalization", name, inputs, [Attribute("epsilon", Epsilon)]);
    }

    /// <summary>A convolution, normalization and ReLU, numbered one after the other as in a sequence.</summary>
    public string ConvolutionBlock(string name, string x, int input, int output, int first = 0)
    {
        x = Convolution($"{name}.{first}", x, input, output, kernel: 3);
        return Relu($"{name}.{first + 2}", Normalization($"{name}.{first + 1}", x, output));
    }

    /// <summary>Layer normalization over the channels of each pixel.</summary>
    public string ChannelNormalization(string name, string x, int channels)
    {
        string tokens = Graph.Add("Transpose", $"{name}.tokens", [x], [Attribute("perm", [0, 2, 3, 1])]);
        string weight = Tensor($"{name}.weight", channels);
        string bias = Tensor($"{name}.bias", channels);
        string y = Graph.Opset >= 17
            ? Graph.Add(
                "LayerNormalization", $"{name}.normalized", [tokens, weight, bias], [Attribute("axis", -1), Attribute("epsilon", Epsilon)])
            : SpelledOut(name, tokens, weight, bias);
        return Graph.Add("Transpose", name, [y], [Attribute("perm", [0, 3, 1, 2])]);
    }

    /// <summary>A linear layer of the channels of each pixel: a 1x1 convolution with the layer's weight.</summary>
    public string ChannelLinear(string name, string x, int input, int output)
    {
        string weight = Tensor($"{name}.weight", output, input);
        string shape = Graph.Constant<long>($"{name}.shape", DataType.Int64, [4], [output, input, 1, 1]);
        string kernel = Graph.Add("Reshape", $"{name}.kernel", [weight, shape]);
        return Graph.Add("Conv", name, [x, kernel, Tensor($"{name}.bias", output)]);
    }

    /// <summary>max(x, 0).</summary>
    public string Relu(string name, string x) => Graph.Add("Relu", name, [x]);

    /// <summary>The exact GELU.</summary>
    public string Gelu(string name, string x)
    {
        // Gelu is an operator since 20.
        if (Graph.Opset >= 20)
        {
            return Graph.Add("Gelu", name, [x], [Attribute("approximate", "none")]);
        }

        // The order in which ONNX Runtime recognizes it, and computes it as one operator.
        string scaled = Graph.Add("Div", $"{name}.scaled", [x, Graph.Constant("gelu.sqrt2", [], MathF.Sqrt(2))]);
        string erf = Graph.Add("Erf", $"{name}.erf", [scaled]);
        string sum = Graph.Add("Add", $"{name}.sum", [erf, Graph.Constant("gelu.one", [], 1)]);
        string product = Graph.Add("Mul", $"{name}.product", [x, sum]);
        return Graph.Add("Mul", name, [product, Graph.Constant("gelu.half", [], 0.5f)]);
    }

    /// <summary>The maximum of kernel x kernel pixels.</summary>
    public string MaxPool(string name, string x, int kernel = 2, int? stride = null, int pad = 0)
    {
        List<Format.AttributeProto> attributes = [Attribute("kernel_shape", [kernel, kernel]),
            Attribute("strides", [stride ?? kernel, stride ?? kernel])];
        if (pad > 0)
        {
            attributes.Add(Attribute("pads", [pad, pad, pad, pad]));
        }

        return Graph.Add("MaxPool", name, [x], [.. attributes]);
    }

    /// <summary>Bilinear upsampling with half-pixel centers.</summary>
    public string Interpolate(string name, string x, int factor = 2, string? result = null) => Resize(
        name, x, factor, [Attribute("coordinate_transformation_mode", "half_pixel"), Attribute("mode", "linear")], result);

    /// <summary>Upsampling by 2 that repeats each pixel.</summary>
    public string Repeat(string name, string x) => Resize(
        name, x, 2, [Attribute("coordinate_transformation_mode", "asymmetric"), Attribute("mode", "nearest"),
            Attribute("nearest_mode", "floor")], null);

    /// <summary>Puts maps one after the other.</summary>
    public string Concatenation(string name, params string[] maps) => Graph.Add("Concat", name, maps, [Attribute("axis", 1)]);

    // The second input of Resize, a region of interest, is left out.
    private string Resize(string name, string x, int factor, Format.AttributeProto[] attributes, string? result)
    {
        string scales = Graph.Constant(factor == 2 ? "upsample.scales" : $"upsample.scales{factor}", [4], 1, 1, factor, factor);
        return Graph.Add("Resize", name, [x, "", scales], attributes, result);
    }

    // LayerNormalization is an operator since 17. (ReduceMean takes its axes as an attribute until 17.)
    private string SpelledOut(string name, string x, string weight, string bias)
    {
        string mean = Graph.Add("ReduceMean", $"{name}.mean", [x], [Attribute("axes", [-1])]);
        string centered = Graph.Add("Sub", $"{name}.centered", [x, mean]);
        string square = Graph.Add("Mul", $"{name}.square", [centered, centered]);
        string variance = Graph.Add("ReduceMean", $"{name}.variance", [square], [Attribute("axes", [-1])]);
        string positive = Graph.Add("Add", $"{name}.positive", [variance, Graph.Constant("epsilon", [], Epsilon)]);
        string std = Graph.Add("Sqrt", $"{name}.std", [positive]);
        string standard = Graph.Add("Div", $"{name}.standard", [centered, std]);
        string scaled = Graph.Add("Mul", $"{name}.scaled", [standard, weight]);
        return Graph.Add("Add", $"{name}.normalized", [scaled, bias]);
    }
}
