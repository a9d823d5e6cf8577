using CMUNeXt.Engine.Simd;
using CMUNeXt.Engine.Steps;
using CMUNeXt.Networks;
using CMUNeXt.Weights;

namespace CMUNeXt.Engine;

/// <summary>The weights of a network, folded and packed once for an instruction set.</summary>
internal abstract class Plan : IDisposable
{
    /// <summary>Folds and packs weights that fit the network.</summary>
    public static Plan Create(NetworkDescription network, StateDict state, InstructionSet instructions) => instructions switch
    {
        InstructionSet.Avx512 => new Plan<Simd512, System.Runtime.Intrinsics.Vector512<float>>(network, state),
        InstructionSet.Avx2 => new Plan<Simd256, System.Runtime.Intrinsics.Vector256<float>>(network, state),
        _ => new Plan<Simd128, System.Runtime.Intrinsics.Vector128<float>>(network, state),
    };

    /// <summary>Makes what one call needs to compute a picture of a size.</summary>
    public abstract Workspace Bind(int height, int width, int threads);

    /// <inheritdoc/>
    public abstract void Dispose();
}

/// <inheritdoc/>
internal sealed unsafe class Plan<TSimd, TVector> : Plan
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    private readonly NetworkDescription network;
    private readonly CMUNeXtConfiguration configuration;
    private readonly List<IDisposable> owned = [];

    private readonly PackedMatrix stem;
    private readonly EncoderBlock[][] blocks;
    private readonly Convolution[] ends;
    private readonly Upsampling[] ups;
    private readonly SkipFusion[] fusions;
    private readonly PackedMatrix head;

    public Plan(NetworkDescription network, StateDict state)
    {
        this.network = network;
        configuration = network.Configuration!;
        using FoldedWeights weights = new(state);
        IReadOnlyList<int> dims = configuration.Dims;
        (Func<int, double> stemWeight, Func<int, double> stemBias) = weights.Normalised("stem.conv.0", "stem.conv.1");
        stem = PackStem(network.Channels, dims[0], stemWeight, stemBias);
        blocks = [.. dims.Select((_, level) => Enumerable.Range(0, configuration.Depths[level]).Select(block => PackBlock(weights, level, block)).ToArray())];
        ends = [.. dims.Select((output, level) =>
        {
            string name = $"encoder{level + 1}.up.conv";
            (Func<int, double> weight, Func<int, double> bias) = weights.Normalised($"{name}.0", $"{name}.1");
            int input = dims[Math.Max(level - 1, 0)];
            return new Convolution([Winograd3x3(input, output, weight)], Channels(output, bias));
        })];
        ups = [.. Enumerable.Range(0, dims.Count - 1).Select(level => PackUpsampling(weights, level))];
        fusions = [.. Enumerable.Range(0, dims.Count - 1).Select(level => PackFusion(weights, level))];

        (TensorValues headWeight, TensorValues headBias) = weights.Convolution("Conv_1x1");
        (double[] scale, double[] shift) = weights.Normalisation("Up_conv2.conv.8");
        head = Matrix(
            dims[0],
            network.Outputs,
            (o, k) => headWeight[(o * dims[0]) + k] * scale[k],
            o => headBias[o] + Enumerable.Range(0, dims[0]).Sum(k => headWeight[(o * dims[0]) + k] * shift[k]));
    }

    public override Workspace Bind(int height, int width, int threads)
    {
        IReadOnlyList<int> dims = configuration.Dims;
        int levels = dims.Count;
        FeatureMapLayout layout = new();

        // What a Skip-Fusion block reads: the encoder's half, and behind it the decoder's, whose place others use until it is written.
        (int Encoder, int Decoder)[] skips = [.. Enumerable.Range(0, levels - 1).Select(i =>
            (layout.Add(Octets(dims[i]), height >> i, width >> i, 1), layout.AddBehind()))];
        int[] inputs = new int[levels];
        int[][] chains = new int[levels][];
        for (int i = 0; i < levels; i++)
        {
            int octets = Octets(dims[Math.Max(i - 1, 0)]);
            int margin = Math.Max(configuration.Kernels[i] / 2, 1);
            inputs[i] = layout.Add(octets, height >> i, width >> i, margin);
            int first = layout.Add(octets, height >> i, width >> i, margin);
            int second = configuration.Depths[i] > 1 ? layout.Add(octets, height >> i, width >> i, margin) : first;
            chains[i] = [.. Enumerable.Range(0, configuration.Depths[i]).Select(block => block % 2 == 0 ? first : second)];
        }

        int[] results = new int[levels];
        for (int i = levels - 1; i > 0; i--)
        {
            results[i] = layout.Add(Octets(dims[i]), height >> i, width >> i, 0);
        }

        // Where the maps lie is known when all steps are.
        FeatureMap[] maps = [];
        List<Func<CountedStep>> steps = [];
        StemStep<TSimd, TVector>? start = null;
        SkipFusionStep<TSimd, TVector>? end = null;
        Add([], [inputs[0]], () => start = new() { Name = "stem", Weights = stem, Channels = network.Channels, Output = maps[inputs[0]] });
        for (int i = 0; i < levels; i++)
        {
            AddEncoder(i);
        }

        for (int i = levels - 2; i >= 0; i--)
        {
            AddDecoder(i);
        }

        (NativeBuffer memory, maps) = layout.Allocate();
        return new Workspace(height, width, [.. steps.Select(bind => bind())], memory, threads, (picture, logits) =>
        {
            start!.Picture = (float*)picture;
            end!.Logits = (float*)logits;
        });

        void AddEncoder(int level)
        {
            int input = inputs[level];
            for (int block = 0; block < blocks[level].Length; block++)
            {
                EncoderBlock weights = blocks[level][block];
                string name = $"encoder{level + 1}.block.{block}";
                int from = input;
                int to = chains[level][block];
                Add([from], [to], () => weights.Bind(maps[from], maps[to], configuration.Kernels[level], name));
                input = to;
            }

            bool isLowest = level == levels - 1;
            int output = isLowest ? results[level] : skips[level].Encoder;
            Add([input], isLowest ? [output] : [output, inputs[level + 1]], () => new ConvolutionStep<TSimd, TVector>
            {
                Name = $"encoder{level + 1}.up",
                Input = maps[input],
                Weights = ends[level].Weights,
                Bias = ends[level].Bias,
                Output = maps[output],
                Pooled = isLowest ? null : maps[inputs[level + 1]],
            });
        }

        void AddDecoder(int level)
        {
            (int encoder, int decoder) = skips[level];
            Add([results[level + 1]], [decoder], () => new UpsamplingStep<TSimd, TVector>
            {
                Name = $"Up{level + 2}",
                Input = maps[results[level + 1]],
                Output = maps[decoder],
                Weights = ups[level].Weights,
                Bias = ups[level].Bias,
                GroupOctets = ups[level].GroupOctets,
            });
            bool isHighest = level == 0;
            Add([encoder, decoder], isHighest ? [] : [results[level]], () => end = new()
            {
                Name = $"Up_conv{level + 2}",
                Input = maps[encoder] with { Octets = 2 * maps[encoder].Octets },
                Weights = fusions[level].Weights,
                Bias = fusions[level].Bias,
                Bottleneck = fusions[level].Bottleneck,
                Output = isHighest ? default : maps[results[level]],
                Scale = fusions[level].Scale,
                Shift = fusions[level].Shift,
                Head = isHighest ? head : null,
                Outputs = network.Outputs,
            });
        }

        void Add(int[] read, int[] written, Func<CountedStep> bind)
        {
            layout.AddStep([.. read, .. written]);
            steps.Add(() =>
            {
                CountedStep step = bind();
                FeatureMap[] margins = [.. written.Select(map => maps[map]).Where(map => map.Margin > 0)];
                return margins.Length == 0 ? step : new ClearingStep { Name = step.Name, Step = step, Written = margins };
            });
        }
    }

    public override void Dispose()
    {
        foreach (IDisposable item in owned)
        {
            item.Dispose();
        }
    }

    private static int Octets(int channels) => (channels + 7) / 8;

    // What an upsampling computes at a time: four octets of outputs, or two where these make an odd number of tasks.
    private static int UpsamplingOctets(int octets) => octets < 4 ? octets : octets > 4 && (octets + 3) / 4 % 2 == 1 ? 2 : 4;

    private T Own<T>(T item)
        where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    private PackedMatrix Matrix(int inputs, int outputs) =>
        Own(new PackedMatrix(Octets(inputs), OctetInput.Depth, outputs, TSimd.PanelOctets, TSimd.PairsInputs));

    private PackedMatrix Matrix(int inputs, int outputs, Func<int, int, double> weight, Func<int, double>? bias)
    {
        PackedMatrix matrix = Matrix(inputs, outputs);
        for (int o = 0; o < outputs; o++)
        {
            for (int k = 0; k < inputs; k++)
            {
                matrix[o, k] = weight(o, k);
            }

            matrix.SetBias(o, bias?.Invoke(o) ?? 0);
        }

        return matrix;
    }

    private PackedMatrix PackStem(int channels, int outputs, Func<int, double> weight, Func<int, double> bias)
    {
        PackedMatrix matrix = Own(new PackedMatrix(channels * 3, PlaneInput.Depth, outputs, TSimd.PanelOctets, TSimd.PairsInputs));
        for (int o = 0; o < outputs; o++)
        {
            for (int tap = 0; tap < channels * 9; tap++)
            {
                matrix[o, (tap / 3 * PlaneInput.Depth) + (tap % 3)] = weight((o * channels * 9) + tap);
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
        for (int o = 0; o < outputs; o++)
        {
            for (int k = 0; k < inputs; k++)
            {
                for (int tap = 0; tap < kernel.Length; tap++)
                {
                    kernel[tap] = weight((((o * inputs) + k) * 9) + tap);
                }

                Winograd.TransformKernel(kernel, points);
                for (int point = 0; point < points.Length; point++)
                {
                    matrices[point][o, k] = points[point];
                }
            }
        }

        return matrices;
    }

    private EncoderBlock PackBlock(FoldedWeights weights, int level, int block)
    {
        string name = $"encoder{level + 1}.block.{block}";
        int channels = configuration.Dims[Math.Max(level - 1, 0)];
        int area = configuration.Kernels[level] * configuration.Kernels[level];
        (TensorValues weight, TensorValues bias) = weights.Convolution($"{name}.0.fn.0");
        (double[] scale, double[] shift) = weights.Normalisation($"{name}.0.fn.2");
        (double[] outputScale, double[] outputShift) = weights.Normalisation($"{name}.6");

        // One octet after the other, and within it one tap after the other.
        PerChannel taps = Channels(Octets(channels) * area * 8, i =>
        {
            int channel = (i / 8 / area * 8) + (i % 8);
            return channel < channels ? weight[(channel * area) + (i / 8 % area)] : 0;
        });
        return new EncoderBlock(
            taps,
            Channels(channels, c => bias[c]),
            Channels(channels, c => scale[c]),
            Channels(channels, c => shift[c]),
            PackBottleneck(weights, name, 1, channels, channels, k => (k, 1, 0)),
            Channels(channels, c => outputScale[c]),
            Channels(channels, c => outputShift[c]));
    }

    private Upsampling PackUpsampling(FoldedWeights weights, int level)
    {
        int input = configuration.Dims[level + 1];
        int output = configuration.Dims[level];
        string name = $"Up{level + 2}.up";
        (Func<int, double> weight, Func<int, double> bias) = weights.Normalised($"{name}.1", $"{name}.2");
        int octets = Octets(output);
        int groupOctets = UpsamplingOctets(octets);
        PackedMatrix[][] groups = [.. Enumerable.Range(0, (octets + groupOctets - 1) / groupOctets).Select(group =>
        {
            int first = group * groupOctets * 8;
            int channels = Math.Min(groupOctets, octets - (group * groupOctets)) * 8;
            double Tap(int row, int n, int k) => first + (n % channels) is var o && o < output
                ? weight((((o * input) + k) * 9) + (row * 3) + (n / channels))
                : 0;
            PackedMatrix Rows(Func<int, int, double> value) => Matrix(input, 3 * channels, value, null);
            return (PackedMatrix[])
            [
                Rows((n, k) => Tap(0, n, k)),
                Rows((n, k) => (Tap(0, n, k) + Tap(2, n, k)) / 2),
                Rows((n, k) => (Tap(0, n, k) - Tap(2, n, k)) / 2),
                Rows((n, k) => Tap(2, n, k)),
                Rows((n, k) => Tap(1, n, k)),
            ];
        })];
        return new Upsampling(groups, groupOctets, Channels(output, bias));
    }

    private SkipFusion PackFusion(FoldedWeights weights, int level)
    {
        int channels = configuration.Dims[level];
        int padded = Octets(channels) * 8;
        string name = $"Up_conv{level + 2}.conv";
        (TensorValues weight, TensorValues bias) = weights.Convolution($"{name}.0");
        (double[] scale, double[] shift) = weights.Normalisation($"{name}.2");
        (double[] outputScale, double[] outputShift) = weights.Normalisation($"{name}.8");
        PackedMatrix[][] groups = [.. Enumerable.Range(0, 2).Select(group =>
            Winograd3x3(channels, channels, i => weight[(group * channels * channels * 9) + i]))];
        return new SkipFusion(
            groups,
            Channels(2 * padded, c => Grouped(c) is { } place ? bias[place] : 0),
            PackBottleneck(weights, name, 3, 2 * padded, channels, k => Grouped(k) is { } place ? (place, scale[place], shift[place]) : (null, 0, 0)),
            Channels(channels, c => outputScale[c]),
            Channels(channels, c => outputShift[c]));

        // The channel of the original at a place where each half is padded to octets.
        int? Grouped(int c) => c % padded < channels ? (c / padded * channels) + (c % padded) : null;
    }

    // The input's channel, scale and shift say where each of the first product's inputs comes from, and what is folded into it.
    private Bottleneck<TSimd, TVector> PackBottleneck(
        FoldedWeights weights, string name, int first, int inputs, int outputs, Func<int, (int? Channel, double Scale, double Shift)> input)
    {
        (TensorValues expand, TensorValues expandBias) = weights.Convolution($"{name}.{first}");
        (double[] scale, double[] shift) = weights.Normalisation($"{name}.{first + 2}");
        (TensorValues project, TensorValues projectBias) = weights.Convolution($"{name}.{first + 3}");
        int hidden = expandBias.Count;
        int sources = expand.Count / hidden;
        (int? Channel, double Scale, double Shift)[] from = [.. Enumerable.Range(0, inputs).Select(input)];
        double Expand(int o, int k) => from[k].Channel is { } c ? expand[(o * sources) + c] * from[k].Scale : 0;
        double ExpandBias(int o) => expandBias[o] + from.Sum(f => f.Channel is { } c ? expand[(o * sources) + c] * f.Shift : 0);
        double Project(int o, int k) => project[(o * hidden) + k] * scale[k];
        double ProjectBias(int o) => projectBias[o] + Enumerable.Range(0, hidden).Sum(k => project[(o * hidden) + k] * shift[k]);
        return Strassen.IsWorthwhile(inputs, hidden, outputs)
            ? new StrassenBottleneck<TSimd, TVector>(
                Strassen.Pack(inputs, hidden, Expand, ExpandBias, Matrix), Strassen.Pack(hidden, outputs, Project, ProjectBias, Matrix))
            : new DirectBottleneck<TSimd, TVector>(Matrix(inputs, hidden, Expand, ExpandBias), Matrix(hidden, outputs, Project, ProjectBias));
    }

    private sealed record Convolution(PackedMatrix[][] Weights, PerChannel Bias);

    private sealed record Upsampling(PackedMatrix[][] Weights, int GroupOctets, PerChannel Bias);

    private sealed record SkipFusion(PackedMatrix[][] Weights, PerChannel Bias, Bottleneck<TSimd, TVector> Bottleneck, PerChannel Scale, PerChannel Shift);

    private sealed record EncoderBlock(
        PerChannel Taps, PerChannel Bias, PerChannel Scale, PerChannel Shift, Bottleneck<TSimd, TVector> Bottleneck, PerChannel OutputScale, PerChannel OutputShift)
    {
        public LargeKernelStep<TSimd, TVector> Bind(FeatureMap input, FeatureMap output, int kernel, string name) => new LargeKernelStep<TSimd, TVector>
        {
            Name = name,
            Input = input,
            Output = output,
            Kernel = kernel,
            Taps = Taps,
            Bias = Bias,
            Scale = Scale,
            Shift = Shift,
            Bottleneck = Bottleneck,
            OutputScale = OutputScale,
            OutputShift = OutputShift,
        };
    }
}
