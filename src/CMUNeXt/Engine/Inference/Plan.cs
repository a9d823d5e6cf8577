using CMUNeXt.Engine.Kernels;
using CMUNeXt.Engine.Memory;
using CMUNeXt.Engine.Threads;
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
    public abstract Workspace Bind(int height, int width, ThreadTeam team);

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
    private readonly PackedNetwork packed;

    public Plan(NetworkDescription network, StateDict state)
    {
        this.network = network;
        configuration = network.Configuration!;
        packed = new PackedNetwork(network, state, MatrixPanel<TSimd, TVector>.Layout);
    }

    public override Workspace Bind(int height, int width, ThreadTeam team)
    {
        FeatureMapLayout layout = new();
        PlannedMaps numbers = new(configuration, height, width, layout);
        PlannedStep[] planned = [.. Steps(numbers)];
        foreach (PlannedStep step in planned)
        {
            layout.AddStep([.. step.Read, .. step.Written]);
        }

        (NativeBuffer memory, FeatureMap[] maps) = layout.Allocate();
        CountedStep[] steps = [.. planned.Select(step => step.Bind(maps))];
        StemStep<TSimd, TVector> first = (StemStep<TSimd, TVector>)steps[0];
        SkipFusionStep<TSimd, TVector> last = (SkipFusionStep<TSimd, TVector>)steps[^1];
        CountedStep[] cleared = [.. planned.Zip(steps, (plan, step) => plan.WithMargins(step, maps))];
        return new Workspace(height, width, cleared, memory, team, (image, logits) =>
        {
            first.Image = (float*)image;
            last.Logits = (float*)logits;
        });
    }

    public override void Dispose() => packed.Dispose();

    // In order: down the encoder, up the decoder.
    private IEnumerable<PlannedStep> Steps(PlannedMaps maps)
    {
        yield return Stem(maps);
        for (int level = 0; level <= maps.Lowest; level++)
        {
            for (int block = 0; block < packed.Blocks[level].Length; block++)
            {
                yield return Block(maps, level, block);
            }

            yield return End(maps, level);
        }

        for (int level = maps.Lowest - 1; level >= 0; level--)
        {
            yield return Upsampling(maps, level);
            yield return Fusion(maps, level);
        }
    }

    private PlannedStep Stem(PlannedMaps numbers) => new([], [numbers.Inputs[0]], maps => new StemStep<TSimd, TVector>
    {
        Name = "stem",
        Weights = packed.Stem,
        Channels = network.Channels,
        Output = maps[numbers.Inputs[0]],
    });

    private PlannedStep Block(PlannedMaps numbers, int level, int block)
    {
        PackedNetwork.PackedBlock weights = packed.Blocks[level][block];
        int input = numbers.Before(level, block);
        int output = numbers.Blocks[level][block];
        return new PlannedStep([input], [output], maps => new LargeKernelStep<TSimd, TVector>
        {
            Name = $"encoder{level + 1}.block.{block}",
            Input = maps[input],
            Output = maps[output],
            Kernel = configuration.Kernels[level],
            Weights = weights.Weights,
            Bias = weights.Bias,
            Scale = weights.Scale,
            Shift = weights.Shift,
            Bottleneck = Bottleneck<TSimd, TVector>.Of(weights.Bottleneck),
            OutputScale = weights.OutputScale,
            OutputShift = weights.OutputShift,
        });
    }

    private PlannedStep End(PlannedMaps numbers, int level)
    {
        PackedNetwork.PackedConvolution weights = packed.Ends[level];
        int input = numbers.Before(level, numbers.Blocks[level].Length);
        int output = level == numbers.Lowest ? numbers.Results[level] : numbers.Skips[level].Encoder;
        int? pooled = level == numbers.Lowest ? null : numbers.Inputs[level + 1];
        return new PlannedStep([input], pooled is { } written ? [output, written] : [output], maps => new ConvolutionStep<TSimd, TVector>
        {
            Name = $"encoder{level + 1}.up",
            Input = maps[input],
            Weights = weights.Weights,
            Bias = weights.Bias,
            Output = maps[output],
            Pooled = pooled is { } map ? maps[map] : null,
        });
    }

    private PlannedStep Upsampling(PlannedMaps numbers, int level)
    {
        PackedNetwork.PackedUpsampling weights = packed.Ups[level];
        int input = numbers.Results[level + 1];
        int output = numbers.Skips[level].Decoder;
        return new PlannedStep([input], [output], maps => new UpsamplingStep<TSimd, TVector>
        {
            Name = $"Up{level + 2}",
            Input = maps[input],
            Output = maps[output],
            Weights = weights.Weights,
            Bias = weights.Bias,
            GroupBlocks = weights.GroupBlocks,
        });
    }

    // That of the highest level gives the logits.
    private PlannedStep Fusion(PlannedMaps numbers, int level)
    {
        PackedNetwork.PackedFusion weights = packed.Fusions[level];
        (int encoder, int decoder) = numbers.Skips[level];
        bool isHighest = level == 0;
        return new PlannedStep([encoder, decoder], isHighest ? [] : [numbers.Results[level]], maps => new SkipFusionStep<TSimd, TVector>
        {
            Name = $"Up_conv{level + 2}",
            Input = maps[encoder] with { Blocks = 2 * maps[encoder].Blocks },
            Weights = weights.Weights,
            Bias = weights.Bias,
            Bottleneck = Bottleneck<TSimd, TVector>.Of(weights.Bottleneck),
            Output = isHighest ? default : maps[numbers.Results[level]],
            Scale = weights.Scale,
            Shift = weights.Shift,
            Head = isHighest ? packed.Head : null,
            Outputs = network.Outputs,
        });
    }
}
