using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
using CMUNeXt.Engine.Training.Layers;
using CMUNeXt.Engine.Vectors;
using CMUNeXt.Networks;
using CMUNeXt.Tensors;

namespace CMUNeXt.Engine.Inference;

/// <summary>A network with its weights packed for an instruction set, to be laid out for images of any size.</summary>
internal abstract class Plan : IDisposable
{
    /// <summary>Folds and packs weights that fit the network.</summary>
    public static Plan Create(NetworkDescription network, StateDict state, InstructionSet instructions) => instructions switch
    {
        InstructionSet.Avx512 => new Plan<Simd512, System.Runtime.Intrinsics.Vector512<float>>(network, state),
        InstructionSet.Avx2 => new Plan<Simd256, System.Runtime.Intrinsics.Vector256<float>>(network, state),
        _ => new Plan<Simd128, System.Runtime.Intrinsics.Vector128<float>>(network, state),
    };

    /// <summary>Makes what one call needs to compute an image of a size.</summary>
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
    private readonly PackedNetwork<TSimd, TVector> packed;

    public Plan(NetworkDescription network, StateDict state)
    {
        this.network = network;
        configuration = network.Configuration!;
        packed = new PackedNetwork<TSimd, TVector>(network, state);
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
        Add([], [inputs[0]], () => start = new() { Name = "stem", Weights = packed.Stem, Channels = network.Channels, Output = maps[inputs[0]] });
        for (int i = 0; i < levels; i++)
        {
            AddEncoder(i);
        }

        for (int i = levels - 2; i >= 0; i--)
        {
            AddDecoder(i);
        }

        (NativeBuffer memory, maps) = layout.Allocate();
        return new Workspace(height, width, [.. steps.Select(bind => bind())], memory, threads, (image, logits) =>
        {
            start!.Image = (float*)image;
            end!.Logits = (float*)logits;
        });

        void AddEncoder(int level)
        {
            int input = inputs[level];
            for (int block = 0; block < packed.Blocks[level].Length; block++)
            {
                PackedNetwork<TSimd, TVector>.PackedBlock weights = packed.Blocks[level][block];
                string name = $"encoder{level + 1}.block.{block}";
                int from = input;
                int to = chains[level][block];
                Add([from], [to], () => new LargeKernelStep<TSimd, TVector>
                {
                    Name = name,
                    Input = maps[from],
                    Output = maps[to],
                    Kernel = configuration.Kernels[level],
                    Taps = weights.Taps,
                    Bias = weights.Bias,
                    Scale = weights.Scale,
                    Shift = weights.Shift,
                    Bottleneck = weights.Bottleneck,
                    OutputScale = weights.OutputScale,
                    OutputShift = weights.OutputShift,
                });
                input = to;
            }

            bool isLowest = level == levels - 1;
            int output = isLowest ? results[level] : skips[level].Encoder;
            Add([input], isLowest ? [output] : [output, inputs[level + 1]], () => new ConvolutionStep<TSimd, TVector>
            {
                Name = $"encoder{level + 1}.up",
                Input = maps[input],
                Weights = packed.Ends[level].Weights,
                Bias = packed.Ends[level].Bias,
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
                Weights = packed.Ups[level].Weights,
                Bias = packed.Ups[level].Bias,
                GroupOctets = packed.Ups[level].GroupOctets,
            });
            bool isHighest = level == 0;
            Add([encoder, decoder], isHighest ? [] : [results[level]], () => end = new()
            {
                Name = $"Up_conv{level + 2}",
                Input = maps[encoder] with { Octets = 2 * maps[encoder].Octets },
                Weights = packed.Fusions[level].Weights,
                Bias = packed.Fusions[level].Bias,
                Bottleneck = packed.Fusions[level].Bottleneck,
                Output = isHighest ? default : maps[results[level]],
                Scale = packed.Fusions[level].Scale,
                Shift = packed.Fusions[level].Shift,
                Head = isHighest ? packed.Head : null,
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

    public override void Dispose() => packed.Dispose();

    private static int Octets(int channels) => PackedNetwork<TSimd, TVector>.Octets(channels);
}
