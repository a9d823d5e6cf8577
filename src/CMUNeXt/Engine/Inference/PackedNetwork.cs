using CMUNeXt.Engine.Kernels;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Inference;

/// <summary>
/// The weights of a CMUNeXt for an instruction set: normalizations folded into the convolutions beside them, and everything in the order in
/// which the steps read it. Levels are counted from 0, the image's own size. It knows that set by its layout alone, so that it can be
/// compiled ahead, as code for vectors of 512 bits cannot.
/// </summary>
internal sealed class PackedNetwork : IDisposable
{
    private readonly CMUNeXtConfiguration configuration;
    private readonly PanelLayout layout;
    private readonly List<IDisposable> owned = [];

    /// <summary>Folds and packs weights that fit the network.</summary>
    public PackedNetwork(NetworkDescription network, StateDict state, PanelLayout layout)
    {
        configuration = network.Configuration!;
        this.layout = layout;
        using FoldedWeights weights = new(state);
        IReadOnlyList<int> dims = configuration.Dims;
        (Func<int, double> stemWeight, Func<int, double> stemBias) = weights.Normalized("stem.conv.0", "stem.conv.1");
        Stem = PackStem(network.Channels, dims[0], stemWeight, stemBias);
        Blocks = [.. dims.Select(
            (_, level) => Enumerable.Range(0, configuration.Depths[level]).Select(block => PackBlock(weights, level, block)).ToArray())];
        Ends = [.. dims.Select((output, level) =>
        {
            string name = $"encoder{level + 1}.up.conv";
            (Func<int, double> weight, Func<int, double> bias) = weights.Normalized($"{name}.0", $"{name}.1");
            int input = dims[Math.Max(level - 1, 0)];
            return new PackedConvolution([Winograd3x3(input, output, weight)], Channels(output, bias));
        })];
        Ups = [.. Enumerable.Range(0, dims.Count - 1).Select(level => PackUpsampling(weights, level))];
        Fusions = [.. Enumerable.Range(0, dims.Count - 1).Select(level => PackFusion(weights, level))];

        (TensorValues headWeight, TensorValues headBias) = weights.Convolution("Conv_1x1");
        (double[] scale, double[] shift) = weights.Normalization("Up_conv2.conv.8");
        Head = Matrix(
            dims[0],
            network.Outputs,
            (o, k) => headWeight[(o * dims[0]) + k] * scale[k],
            o => headBias[o] + Enumerable.Range(0, dims[0]).Sum(k => headWeight[(o * dims[0]) + k] * shift[k]));
    }

    public PackedMatrix Stem { get; }

    /// <summary>The large-kernel blocks of each level.</summary>
    public PackedBlock[][] Blocks { get; }

    /// <summary>The 3x3 convolution at the end of each level.</summary>
    public PackedConvolution[] Ends { get; }

    /// <summary>The upsampling to each level but the lowest.</summary>
    public PackedUpsampling[] Ups { get; }

    /// <summary>The Skip-Fusion block of each level but the lowest.</summary>
    public PackedFusion[] Fusions { get; }

    /// <summary>The 1x1 convolution that gives the logits, with the last normalization.</summary>
    public PackedMatrix Head { get; }

    /// <summary>The channel blocks that channels fill.</summary>
    public static int BlocksOf(int channels) => (channels + 7) / 8;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable item in owned)
        {
            item.Dispose();
        }
    }

    // What an upsampling computes at a time: four channel blocks of outputs, or two where these make an odd number of tasks.
    private static int UpsamplingBlocks(int channelBlocks) =>
        channelBlocks < 4 ? channelBlocks : channelBlocks > 4 && (channelBlocks + 3) / 4 % 2 == 1 ? 2 : 4;

    private T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    private PackedMatrix Matrix(int inputs, int outputs) =>
        Own(new PackedMatrix(BlocksOf(inputs), BlockInput.Depth, outputs, layout));

    private PackedMatrix Matrix(int inputs, int outputs, Func<int, int, double> weight, Func<int, double>? bias)
    {
        PackedMatrix matrix = Matrix(inputs, outputs);
        for (int o = 0; o < outputs; o++)
        {
            PackedOutput column = matrix.Output(o);
            for (int k = 0; k < inputs; k++)
            {
                column.Set(k, weight(o, k));
            }

            matrix.SetBias(o, bias?.Invoke(o) ?? 0);
        }

        return matrix;
    }

    private PackedMatrix PackStem(int channels, int outputs, Func<int, double> weight, Func<int, double> bias)
    {
        PackedMatrix matrix = Own(new PackedMatrix(channels * 3, PlaneInput.Depth, outputs, layout));
        for (int o = 0; o < outputs; o++)
        {
            PackedOutput column = matrix.Output(o);
            for (int position = 0; position < channels * 9; position++)
            {
                column.Set((position / 3 * PlaneInput.Depth) + (position % 3), weight((o * channels * 9) + position));
            }

            matrix.SetBias(o, bias(o));
        }

        return matrix;
    }

    private PerChannel Channels(int channels, Func<int, double> value) => Own(new PerChannel(channels, value));

    private PackedMatrix[] Winograd3x3(int inputs, int outputs, Func<int, double> weight)
    {
        PackedMatrix[] matrices = [.. Enumerable.Range(0, Winograd.Points).Select(_ => Matrix(inputs, outputs))];
        Span<double> kernel = stackalloc double[9];
        Span<double> points = stackalloc double[Winograd.Points];
        Span<PackedOutput> columns = stackalloc PackedOutput[Winograd.Points];
        for (int o = 0; o < outputs; o++)
        {
            for (int point = 0; point < columns.Length; point++)
            {
                columns[point] = matrices[point].Output(o);
            }

            for (int k = 0; k < inputs; k++)
            {
                for (int position = 0; position < kernel.Length; position++)
                {
                    kernel[position] = weight((((o * inputs) + k) * 9) + position);
                }

                Winograd.TransformKernel(kernel, points);
                for (int point = 0; point < points.Length; point++)
                {
                    columns[point].Set(k, points[point]);
                }
            }
        }

        return matrices;
    }

    private PackedBlock PackBlock(FoldedWeights weights, int level, int block)
    {
        string name = $"encoder{level + 1}.block.{block}";
        int channels = configuration.Dims[Math.Max(level - 1, 0)];
        int area = configuration.Kernels[level] * configuration.Kernels[level];
        (TensorValues weight, TensorValues bias) = weights.Convolution($"{name}.0.fn.0");
        (double[] scale, double[] shift) = weights.Normalization($"{name}.0.fn.2");
        (double[] outputScale, double[] outputShift) = weights.Normalization($"{name}.6");

        // One channel block after the other, and within it one kernel position after the other.
        PerChannel depthwise = Channels(BlocksOf(channels) * area * 8, i =>
        {
            int channel = (i / 8 / area * 8) + (i % 8);
            return channel < channels ? weight[(channel * area) + (i / 8 % area)] : 0;
        });
        return new PackedBlock(
            depthwise,
            Channels(channels, c => bias[c]),
            Channels(channels, c => scale[c]),
            Channels(channels, c => shift[c]),
            PackBottleneck(weights, name, 1, channels, channels, k => (k, 1, 0)),
            Channels(channels, c => outputScale[c]),
            Channels(channels, c => outputShift[c]));
    }

    private PackedUpsampling PackUpsampling(FoldedWeights weights, int level)
    {
        int input = configuration.Dims[level + 1];
        int output = configuration.Dims[level];
        string name = $"Up{level + 2}.up";
        (Func<int, double> weight, Func<int, double> bias) = weights.Normalized($"{name}.1", $"{name}.2");
        int channelBlocks = BlocksOf(output);
        int groupBlocks = UpsamplingBlocks(channelBlocks);
        PackedMatrix[][] groups = [.. Enumerable.Range(0, (channelBlocks + groupBlocks - 1) / groupBlocks).Select(group =>
        {
            int first = group * groupBlocks * 8;
            int channels = Math.Min(groupBlocks, channelBlocks - (group * groupBlocks)) * 8;
            double Weight(int row, int n, int k) => first + (n % channels) is var o && o < output
                ? weight((((o * input) + k) * 9) + (row * 3) + (n / channels))
                : 0;
            PackedMatrix Rows(Func<int, int, double> value) => Matrix(input, 3 * channels, value, null);
            return (PackedMatrix[])
            [
                Rows((n, k) => Weight(0, n, k)),
                Rows((n, k) => (Weight(0, n, k) + Weight(2, n, k)) / 2),
                Rows((n, k) => (Weight(0, n, k) - Weight(2, n, k)) / 2),
                Rows((n, k) => Weight(2, n, k)),
                Rows((n, k) => Weight(1, n, k)),
            ];
        })];
        return new PackedUpsampling(groups, groupBlocks, Channels(output, bias));
    }

    private PackedFusion PackFusion(FoldedWeights weights, int level)
    {
        int channels = configuration.Dims[level];
        int padded = BlocksOf(channels) * 8;
        string name = $"Up_conv{level + 2}.conv";
        (TensorValues weight, TensorValues bias) = weights.Convolution($"{name}.0");
        (double[] scale, double[] shift) = weights.Normalization($"{name}.2");
        (double[] outputScale, double[] outputShift) = weights.Normalization($"{name}.8");
        PackedMatrix[][] groups = [.. Enumerable.Range(0, 2).Select(group =>
            Winograd3x3(channels, channels, i => weight[(group * channels * channels * 9) + i]))];
        return new PackedFusion(
            groups,
            Channels(2 * padded, c => Grouped(c) is { } place ? bias[place] : 0),
            PackBottleneck(
                weights, name, 3, 2 * padded, channels, k => Grouped(k) is { } place ? (place, scale[place], shift[place]) : (null, 0, 0)),
            Channels(channels, c => outputScale[c]),
            Channels(channels, c => outputShift[c]));

        // The channel of the original at a place where each half is padded to channel blocks.
        int? Grouped(int c) => c % padded < channels ? (c / padded * channels) + (c % padded) : null;
    }

    // The input's channel, scale and shift say where each of the first product's inputs comes from, and what is folded into it.
    private PackedBottleneck PackBottleneck(
        FoldedWeights weights, string name, int first, int inputs, int outputs, Func<int, (int? Channel, double Scale, double Shift)> input)
    {
        (TensorValues expand, TensorValues expandBias) = weights.Convolution($"{name}.{first}");
        (double[] scale, double[] shift) = weights.Normalization($"{name}.{first + 2}");
        (TensorValues project, TensorValues projectBias) = weights.Convolution($"{name}.{first + 3}");
        int hidden = expandBias.Count;
        int sources = expand.Count / hidden;
        (int? Channel, double Scale, double Shift)[] from = [.. Enumerable.Range(0, inputs).Select(input)];
        double Expand(int o, int k) => from[k].Channel is { } c ? expand[(o * sources) + c] * from[k].Scale : 0;
        double ExpandBias(int o) => expandBias[o] + from.Sum(f => f.Channel is { } c ? expand[(o * sources) + c] * f.Shift : 0);
        double Project(int o, int k) => project[(o * hidden) + k] * scale[k];
        double ProjectBias(int o) => projectBias[o] + Enumerable.Range(0, hidden).Sum(k => project[(o * hidden) + k] * shift[k]);
        return Strassen.IsWorthwhile(inputs, hidden, outputs)
            ? new PackedBottleneck(
                Strassen.Pack(inputs, hidden, Expand, ExpandBias, Matrix), Strassen.Pack(hidden, outputs, Project, ProjectBias, Matrix))
            : new PackedBottleneck([Matrix(inputs, hidden, Expand, ExpandBias)], [Matrix(hidden, outputs, Project, ProjectBias)]);
    }

    /// <summary>A 3x3 convolution by Winograd: for each group of channels, a matrix for each point.</summary>
    public sealed record PackedConvolution(PackedMatrix[][] Weights, PerChannel Bias);

    /// <summary>A 3x3 convolution of what was upsampled; see <see cref="UpsamplingStep{TSimd, TVector}"/>.</summary>
    public sealed record PackedUpsampling(PackedMatrix[][] Weights, int GroupBlocks, PerChannel Bias);

    /// <summary>The two products of a <see cref="Bottleneck{TSimd, TVector}"/>: a matrix each as they stand, or Strassen's seven.</summary>
    public sealed record PackedBottleneck(PackedMatrix[] Expand, PackedMatrix[] Project);

    /// <summary>A Skip-Fusion block.</summary>
    public sealed record PackedFusion(
        PackedMatrix[][] Weights, PerChannel Bias, PackedBottleneck Bottleneck, PerChannel Scale, PerChannel Shift);

    /// <summary>A large-kernel block.</summary>
    public sealed record PackedBlock(
        PerChannel Weights, PerChannel Bias, PerChannel Scale, PerChannel Shift, PackedBottleneck Bottleneck,
        PerChannel OutputScale,
        PerChannel OutputShift);
}
