using System.Text.Json.Serialization;
using CMUNeXt.Tensors;

namespace CMUNeXt.Networks;

/// <summary>
/// The configuration of a CMUNeXt: what differs between S, base and L (Tang et al., "CMUNeXt: An Efficient Medical Image
/// Segmentation Network based on Large Kernel and Skip Fusion", ISBI 2024, table 1).
/// </summary>
/// <param name="Dims">The channels of the five levels, each at least 1.</param>
/// <param name="Depths">The number of large-kernel blocks at each of the five levels, each at least 1.</param>
/// <param name="Kernels">The size of the depthwise kernels, or of the plain ones, at each of the five levels, odd.</param>
public sealed record CMUNeXtConfiguration(IReadOnlyList<int> Dims, IReadOnlyList<int> Depths, IReadOnlyList<int> Kernels)
{
    /// <summary>The number of levels of the U.</summary>
    public const int Levels = 5;

    /// <summary>What the encoder is made of.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public EncoderBlock Block { get; init; }

    /// <summary>How the encoder's features are joined to the decoder's.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public FusionBlock Fusion { get; init; }

    /// <summary>The order of normalization and GELU.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonConverter(typeof(LayerOrderJsonConverter))]
    public LayerOrder Order { get; init; }

    /// <summary>Whether the network is built as published, whatever its dims, depths and kernels: nothing is ablated.</summary>
    [JsonIgnore]
    public bool IsPublishedForm => (Block, Fusion, Order) == (EncoderBlock.LargeKernel, FusionBlock.SkipFusion, LayerOrder.ActivationFirst);

    /// <summary>CMUNeXt-S: 417,505 parameters.</summary>
    public static CMUNeXtConfiguration Small { get; } = new([8, 16, 32, 64, 128], [1, 1, 1, 1, 1], [3, 3, 7, 7, 9]);

    /// <summary>CMUNeXt: 3,149,185 parameters.</summary>
    public static CMUNeXtConfiguration Base { get; } = new([16, 32, 128, 160, 256], [1, 1, 1, 3, 1], [3, 3, 7, 7, 7]);

    /// <summary>CMUNeXt-L: 8,286,721 parameters.</summary>
    public static CMUNeXtConfiguration Large { get; } = new([32, 64, 128, 256, 512], [1, 1, 1, 6, 3], [3, 3, 7, 7, 7]);

    /// <inheritdoc/>
    public bool Equals(CMUNeXtConfiguration? other) =>
        other is not null && (Block, Fusion, Order) == (other.Block, other.Fusion, other.Order) && Dims.SequenceEqual(other.Dims)
            && Depths.SequenceEqual(other.Depths) && Kernels.SequenceEqual(other.Kernels);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add((Block, Fusion, Order));
        foreach (int value in Dims.Concat(Depths).Concat(Kernels))
        {
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    /// <summary>Says what is wrong with the configuration.</summary>
    /// <exception cref="ArgumentException">
    /// A list does not have five values, a value is too small, a kernel is even, an ablation is none, or the order is changed where nothing
    /// has it.
    /// </exception>
    public void Validate()
    {
        Check(Dims, nameof(Dims), static v => v is >= 1 and <= 65536, "are from 1 to 65536");
        Check(Depths, nameof(Depths), static v => v is >= 1 and <= 1024, "are from 1 to 1024");
        Check(Kernels, nameof(Kernels), static v => v is >= 1 and <= 255 && v % 2 == 1, "are odd, from 1 to 255");
        if (!Enum.IsDefined(Block) || !Enum.IsDefined(Fusion) || !Enum.IsDefined(Order))
        {
            throw new ArgumentException($"There is no block {Block}, fusion {Fusion} or order {Order}.");
        }

        if ((Block, Fusion, Order) == (EncoderBlock.Plain, FusionBlock.Plain, LayerOrder.NormalizationFirst))
        {
            throw new ArgumentException(
                "With plain convolutions and plain fusion there is no GELU, and no order of normalization and GELU to change.");
        }
    }

    /// <summary>The layers in the order in which they are computed, which is the order of the tensors too.</summary>
    /// <param name="channels">The channels of the input, at least 1.</param>
    /// <param name="outputs">The channels of the logits, at least 1.</param>
    /// <exception cref="ArgumentException">The configuration is not possible, or a number is below 1.</exception>
    public IReadOnlyList<Layer> Layers(int channels, int outputs) => CMUNeXtLayers.Of(this, channels, outputs);

    /// <summary>
    /// The weights that a training starts from, distributed as PyTorch's: a function of the seed and of the tensors' names alone.
    /// </summary>
    /// <param name="channels">The channels of the input, at least 1.</param>
    /// <param name="outputs">The channels of the logits, at least 1.</param>
    /// <param name="seed">The same seed gives the same values.</param>
    /// <returns>All tensors of the network, in their order.</returns>
    /// <exception cref="ArgumentException">The configuration is not possible, or a number is below 1.</exception>
    public StateDict StartingWeights(int channels, int outputs, ulong seed) => Initialization.Create(Layers(channels, outputs), seed);

    /// <summary>
    /// This configuration, and then each with one of its ideas taken away, to see what the idea is worth, as the ablation study of its
    /// paper asks (Tang et al., ISBI 2024). What stands in its place is the plainest thing that does, and is our own choice.
    /// </summary>
    /// <returns>The configurations, each with what is different about it in a few words.</returns>
    public IReadOnlyList<(string Name, CMUNeXtConfiguration Configuration)> Ablations()
    {
        CMUNeXtConfiguration plain = this with { Block = EncoderBlock.Plain, Kernels = Same(3) };
        return
        [
            ("as published", this),
            ("plain convolutions", plain),
            ("plain fusion", this with { Fusion = FusionBlock.Plain }),
            ("plain convolutions and fusion", plain with { Fusion = FusionBlock.Plain }),
            ("normalization before GELU", this with { Order = LayerOrder.NormalizationFirst }),
            .. ((int[])[3, 5, 7, 9]).Select(kernel => ($"kernels of {kernel}", this with { Kernels = Same(kernel) })),
        ];
    }

    private static int[] Same(int kernel) => [.. Enumerable.Repeat(kernel, Levels)];

    private static void Check(IReadOnlyList<int> values, string name, Func<int, bool> allowed, string rule)
    {
        if (values.Count != Levels || !values.All(allowed))
        {
            throw new ArgumentException($"{name} are {Levels} numbers that {rule}, not [{string.Join(", ", values)}].");
        }
    }
}
